//! `Pass`: the right to run one parallel pass.

use crate::blocking::blocking;
use crate::context::Context;
use crate::hold::Token;
use crate::lane::Lane;
use crate::lock;
use crate::run::{Leaf, Run};
use crate::shared::{PassPlace, Shared};
use rayon::ThreadPool;
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use std::sync::{Arc, Mutex};

/// The right to run **one** parallel pass over items, from [`Scope::pass`](crate::Scope::pass).
///
/// It is taken by value and is not `Clone`, and while it lives its scope is borrowed mutably: code that has one pass
/// cannot be the code of many futures that each link one item. Each item is run in a [`Lane`], on the scope's
/// own pool if it has one, else on the pool of the rayon worker that calls, else on the global pool. The scope is
/// current in every lane, as is every other scope that was current where the pass began.
///
/// # Where it runs
///
/// | started on | the methods that block |
/// |---|---|
/// | a plain thread, a thread of `spawn_blocking` | block it |
/// | a worker of a tokio multi-thread runtime (feature `tokio`) | run under `block_in_place`: other tasks go on, the futures of this one wait |
/// | a current-thread runtime | block it, and every task of it |
/// | a `LocalSet` | panic, as `block_in_place` does, and say so; after [`Pass::here`] they run in place |
/// | a rayon worker | run there, as rayon's own methods do, or in the scope's own pool |
/// | a pool of one thread | run the items one after another; that is no finding |
///
/// What an iterator calls to make an item (`par_iter().map(..)`, `filter`, `flat_map_iter`) is called in the pass; but
/// `flat_map` calls its function before rayon has begun what the pass can see, so that on a shared pool such a call is
/// unattributed.
///
/// Without items nothing runs, and the pass is counted with 0 items. A pass of another scope may be run inside a lane;
/// one of the same scope cannot, because the scope is borrowed.
///
/// ```
/// use concurrency_probe::{Lane, Pass, Scope, must_run_parallel};
///
/// #[must_run_parallel]
/// fn link_slot(_lane: Lane<'_>, slot: &u32) -> Result<(), String> {
///     if *slot == 13 { Err("slot 13 cannot be linked".into()) } else { Ok(()) }
/// }
///
/// fn link_slots_parallel(pass: Pass<'_>, slots: &[u32]) -> Result<(), String> {
///     pass.try_for_each(slots, |lane, slot| link_slot(lane, slot))
/// }
///
/// let mut install = Scope::open("install");
/// link_slots_parallel(install.pass("warm"), &[1, 2, 3])?;
/// assert!(link_slots_parallel(install.pass("cold"), &[12, 13]).is_err());
/// # Ok::<(), String>(())
/// ```
#[must_use = "a pass is the right to run one: call `for_each`, `map`, `drive` or one of their kind on it"]
pub struct Pass<'scope> {
    scope: &'scope Arc<Shared>,
    pool: Option<&'scope Arc<ThreadPool>>,
    place: PassPlace,
    here: bool,
    queue: Option<usize>,
    /// While the right is not used, its pass may still come.
    unused: Option<Token>,
}

/// A right to a pass. Not `Pass::new`, which the compiler would suggest to whoever tries to make one.
pub(crate) fn right<'scope>(
    scope: &'scope Arc<Shared>,
    pool: Option<&'scope Arc<ThreadPool>>,
    place: PassPlace,
) -> Pass<'scope> {
    Pass { unused: scope.source(), scope, pool, place, here: false, queue: None }
}

impl Pass<'_> {
    /// Runs the pass in place, where it would run under tokio's `block_in_place`: needed in a `LocalSet`, where that
    /// panics. The thread is blocked until the pass ends, and with it every future of its task.
    ///
    /// ```
    /// # use concurrency_probe::Scope;
    /// # let mut install = Scope::open("install");
    /// install.pass("warm").here().for_each(0..3, |_lane, _slot| ());
    /// ```
    pub fn here(mut self) -> Self {
        self.here = true;
        self
    }

    /// At most `items` (at least 1) wait in the queue of [`drive`](Pass::drive), or make up a chunk of
    /// [`drive_in_place`](Pass::drive_in_place); twice the threads of the pool unless told. It bounds the memory
    /// that items take which have arrived and not begun: the stream is polled for another one when there is room.
    ///
    /// ```
    /// # #[cfg(feature = "stream")] {
    /// # use concurrency_probe::Scope;
    /// use futures::stream;
    ///
    /// # let mut install = Scope::open("install");
    /// let packages = stream::iter((0..100).map(Ok::<u32, String>));
    /// let linked = install.pass("cold").queue(8).drive(packages, |_lane, _package| Ok(()));
    /// futures::executor::block_on(linked).unwrap();
    /// # }
    /// ```
    pub fn queue(mut self, items: usize) -> Self {
        self.queue = Some(items.max(1));
        self
    }

    /// Runs `f` for each item. Items may come in any order, and on any worker.
    ///
    /// ```
    /// # use concurrency_probe::Scope;
    /// use std::collections::HashMap;
    ///
    /// let mut install = Scope::open("install");
    /// let sizes = HashMap::from([("a", 1), ("b", 2)]);
    /// install.pass("sizes").for_each(&sizes, |_lane, (name, size)| assert!(!name.is_empty() && *size > 0));
    /// ```
    ///
    /// # Panics
    ///
    /// If `f` panics, with its payload: no further item starts, those that run end first, and every count is at
    /// rest.
    pub fn for_each<I, F>(self, items: I, f: F)
    where
        I: IntoParallelIterator,
        F: for<'lane> Fn(Lane<'lane>, I::Item) + Send + Sync,
    {
        let items = items.into_par_iter();
        self.block(|run| {
            items.try_for_each_init(|| Leaf::begin(run), |leaf, item| leaf.item(|lane| f(lane, item), Some))
        });
    }

    /// Runs `f` for each item until one fails.
    ///
    /// ```
    /// # use concurrency_probe::Scope;
    /// # let mut install = Scope::open("install");
    /// let parsed = install.pass("parse").try_for_each(["1", "x"], |_lane, text| text.parse::<u32>().map(drop));
    /// assert!(parsed.is_err());
    /// ```
    ///
    /// # Errors
    ///
    /// The first error in time. No further item starts after it; those that run end first, and their errors are
    /// dropped.
    ///
    /// # Panics
    ///
    /// As [`Pass::for_each`].
    pub fn try_for_each<I, F, E>(self, items: I, f: F) -> Result<(), E>
    where
        I: IntoParallelIterator,
        F: for<'lane> Fn(Lane<'lane>, I::Item) -> Result<(), E> + Send + Sync,
        E: Send,
    {
        let items = items.into_par_iter();
        let first = FirstError::new();
        self.block(|run| {
            items.try_for_each_init(
                || Leaf::begin(run),
                |leaf, item| leaf.item(|lane| f(lane, item), |result| first.keep(result)),
            )
        });
        first.into_result(|| ())
    }

    /// Runs `f` for each item and returns the results in the order of the items.
    ///
    /// ```
    /// # use concurrency_probe::Scope;
    /// # let mut install = Scope::open("install");
    /// assert_eq!(install.pass("double").map(vec![1, 2, 3], |_lane, n| 2 * n), [2, 4, 6]);
    /// ```
    ///
    /// # Panics
    ///
    /// As [`Pass::for_each`].
    pub fn map<I, F, R>(self, items: I, f: F) -> Vec<R>
    where
        I: IntoParallelIterator,
        F: for<'lane> Fn(Lane<'lane>, I::Item) -> R + Send + Sync,
        R: Send,
    {
        let items = items.into_par_iter();
        let results: Option<Vec<R>> = self.block(|run| {
            items.map_init(|| Leaf::begin(run), |leaf, item| leaf.item(|lane| f(lane, item), Some)).collect()
        });
        results.expect("a pass without errors stops early only by a panic, which was resumed")
    }

    /// Runs `f` for each item until one fails, and returns the results in the order of the items.
    ///
    /// ```
    /// # use concurrency_probe::Scope;
    /// # let mut install = Scope::open("install");
    /// let parsed: Vec<u32> = install.pass("parse").try_map(["1", "2"], |_lane, text| text.parse())?;
    /// assert_eq!(parsed, [1, 2]);
    /// # Ok::<(), std::num::ParseIntError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Pass::try_for_each`].
    ///
    /// # Panics
    ///
    /// As [`Pass::for_each`].
    pub fn try_map<I, F, R, E>(self, items: I, f: F) -> Result<Vec<R>, E>
    where
        I: IntoParallelIterator,
        F: for<'lane> Fn(Lane<'lane>, I::Item) -> Result<R, E> + Send + Sync,
        R: Send,
        E: Send,
    {
        let items = items.into_par_iter();
        let first = FirstError::new();
        let results: Option<Vec<R>> = self.block(|run| {
            items
                .map_init(
                    || Leaf::begin(run),
                    |leaf, item| leaf.item(|lane| f(lane, item), |result| first.keep(result)),
                )
                .collect()
        });
        first.into_result(|| results.expect("a pass without an error was not stopped"))
    }

    /// Runs a blocking pass to its end.
    fn block<R: Send>(self, work: impl FnOnce(&Run) -> R + Send) -> R {
        self.scope.on_blocking_pass(&self.place);
        let (scope, place, here, pool) = (self.scope, self.place.clone(), self.here, self.pool);
        let result = blocking(here, || {
            // First, so that a hold never sees neither the right, nor the job on its way, nor a lane.
            let on_its_way = scope.root();
            let run = self.begin();
            in_pool(pool, on_its_way, || work(&run))
        });
        scope.on_pass_end(&place);
        result
    }

    /// Uses the right. The caller holds a token of what comes next.
    pub(crate) fn begin(self) -> Run {
        let Pass { scope, pool, place, unused, .. } = self;
        let threads = pool.map_or_else(rayon::current_num_threads, |pool| pool.current_num_threads());
        let run = Run::new(scope, place, threads);
        drop(unused);
        run
    }
}

#[cfg(feature = "stream")]
impl<'scope> Pass<'scope> {
    pub(crate) fn parts(&self) -> Parts<'scope> {
        let threads = self.pool.map_or_else(rayon::current_num_threads, |pool| pool.current_num_threads());
        Parts {
            scope: self.scope,
            pool: self.pool,
            place: self.place.clone(),
            here: self.here,
            queue: self.queue.unwrap_or(2 * threads),
        }
    }
}

/// What a streaming pass needs to know beside its [`Run`].
#[cfg(feature = "stream")]
pub(crate) struct Parts<'scope> {
    pub(crate) scope: &'scope Arc<Shared>,
    pub(crate) pool: Option<&'scope Arc<ThreadPool>>,
    pub(crate) place: PassPlace,
    pub(crate) here: bool,
    pub(crate) queue: usize,
}

/// Runs `work` in the scope's own pool, else where rayon would run it.
pub(crate) fn in_pool<R: Send>(
    pool: Option<&Arc<ThreadPool>>,
    on_its_way: Option<Token>,
    work: impl FnOnce() -> R + Send,
) -> R {
    let work = move || {
        drop(on_its_way);
        // While this worker waits for the lanes, rayon may give it a job that is none of the pass's.
        let _base = Context::enter_base();
        work()
    };
    match pool {
        Some(pool) => pool.install(work),
        None => work(),
    }
}

// As for `Scope`.
impl std::panic::UnwindSafe for Pass<'_> {}
impl std::panic::RefUnwindSafe for Pass<'_> {}

impl std::fmt::Debug for Pass<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pass").field("label", &self.place.label).finish_non_exhaustive()
    }
}

/// The first error in time.
pub(crate) struct FirstError<E>(Mutex<Option<E>>);

impl<E> FirstError<E> {
    pub(crate) fn new() -> Self {
        FirstError(Mutex::new(None))
    }

    pub(crate) fn keep<R>(&self, result: Result<R, E>) -> Option<R> {
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                // A later error is dropped after the lock is.
                let mut first = lock(&self.0);
                let later = if first.is_none() { first.replace(error) } else { Some(error) };
                drop(first);
                drop(later);
                None
            }
        }
    }

    pub(crate) fn into_result<R>(self, ok: impl FnOnce() -> R) -> Result<R, E> {
        match self.0.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner) {
            Some(error) => Err(error),
            None => Ok(ok()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::FirstError;

    #[test]
    fn of_two_errors_the_earlier_one_is_kept() {
        let first = FirstError::new();
        assert_eq!(first.keep(Ok(1)), Some(1));
        assert_eq!(first.keep::<u8>(Err("earlier")), None);
        assert_eq!(first.keep::<u8>(Err("later")), None);
        assert_eq!(first.into_result(|| ()), Err("earlier"));
    }
}
