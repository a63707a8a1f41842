//! `Pass`: the right to run one parallel pass.

use crate::base::lock::lock;
use crate::book::batch::{Batch, BatchKind, BatchPlace};
use crate::call::context::Context;
#[cfg(feature = "stream")]
use crate::verdict::hold::tokens::OpenPass;
use crate::verdict::hold::{
    holder::Hold,
    tokens::{Right, Token},
};
use crate::work::blocking::blocking;
use crate::work::lane::Lane;
use crate::work::pass_run::{Leaf, PassRun};
use crate::work::state::ScopeState;
use rayon::ThreadPool;
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use std::borrow::Cow;
use std::panic::Location;
use std::sync::{Arc, Mutex};

/// The right to run **one** parallel pass over items, from [`Scope::pass`](crate::Scope::pass).
///
/// It is taken by value, is not `Clone`, and borrows its scope mutably. So many futures cannot each have a pass of the same scope.
///
/// Each item runs in a [`Lane`]: on the scope's own pool if it has one, else on the pool of the calling rayon worker, else on the global
/// pool. In every lane the scope is current, and so is every other scope that was current where the pass began.
///
/// # Where it runs
///
/// | started on | the methods that block |
/// |---|---|
/// | a plain thread, a thread of `spawn_blocking` | block it |
/// | a worker of a tokio multi-thread runtime (feature `tokio`) | run under `block_in_place`: other tasks go on, the other futures of this task wait |
/// | the thread of a current-thread runtime | block it, and every task of it |
/// | a `LocalSet` | panic, as `block_in_place` does, with a message about it; after [`Pass::here`] they run in place |
/// | a rayon worker | run there, as rayon's own methods do, or in the scope's own pool |
/// | a pool of one thread | run the items one after another; this is not a finding |
///
/// The items may be a parallel iterator with functions of its own (`par_iter().map(..)`, `filter`, `flat_map_iter`). These functions
/// are called in the pass. The function of a `flat_map` is an exception: rayon calls it before the pass begins a leaf. So on a shared pool its
/// calls are unattributed.
///
/// Without items nothing runs, and the pass is counted with 0 items. A pass of another scope may run inside a lane. A pass of the same scope
/// cannot, because the scope is borrowed.
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
    scope: &'scope Arc<ScopeState>,
    pool: Option<&'scope Arc<ThreadPool>>,
    batch: Arc<Batch>,
    here: bool,
    queue: Option<usize>,
    chunk: usize,
    /// Tells the hold that this pass may still begin, until the right is used.
    unused: Option<Right>,
}

/// A right to a pass. It is not `Pass::new`, because the compiler would suggest that to a user who tries to make one.
pub(crate) fn right<'scope>(
    scope: &'scope Arc<ScopeState>,
    pool: Option<&'scope Arc<ThreadPool>>,
    label: Cow<'static, str>,
    at: &'static Location<'static>,
) -> Pass<'scope> {
    let batch = scope.batch(BatchPlace { kind: BatchKind::Pass, label, at });
    let unused = scope.hold().map(|hold| hold.right(batch.number));
    Pass { unused, scope, pool, batch, here: false, queue: None, chunk: 1 }
}

impl Pass<'_> {
    /// Runs the pass in place, and not under tokio's `block_in_place`. This is needed in a `LocalSet`, where `block_in_place`
    /// panics. The thread is blocked until the pass ends, and so is every task that runs on it.
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

    /// Sets how many items can wait in the queue of [`drive`](Pass::drive), or can be in one chunk of
    /// [`drive_in_place`](Pass::drive_in_place). 0 means 1. The default is twice the number of threads of the pool.
    ///
    /// The queue limits how much memory waiting items take: the stream is polled for the next item only when there is room.
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

    /// Sets how many ready items [`drive_in_place`](Pass::drive_in_place) waits for before it blocks the task. At the end of the stream it
    /// runs the rest. 0 means 1. The default is 1.
    ///
    /// A larger chunk blocks the task less often, and items begin later. If [`queue`](Pass::queue) is smaller, it is raised to this number.
    ///
    /// ```
    /// # #[cfg(feature = "stream")] {
    /// # use concurrency_probe::Scope;
    /// use futures::stream;
    ///
    /// # let mut install = Scope::open("install");
    /// let packages = stream::iter((0..100).map(Ok::<u32, String>));
    /// let linked = install.pass("cold").chunk(32).drive_in_place(packages, |_lane, _package| Ok(()));
    /// futures::executor::block_on(linked).unwrap();
    /// # }
    /// ```
    pub fn chunk(mut self, items: usize) -> Self {
        self.chunk = items.max(1);
        self
    }

    /// Runs `f` for each item. Items run in any order, and on any worker.
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
    /// - If `f` panics, with its payload. No further item starts. Items that already run end first, so that no call is in flight afterwards.
    /// - In a `LocalSet` of a tokio multi-thread runtime, without [`here`](Pass::here) (feature `tokio`).
    /// - In a [strict](crate::ScopeBuilder::strict) scope, with a [finding](crate::FindingKind).
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

    /// Runs `f` for each item, until one returns an error.
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
    /// The first error in time. No further item starts after it. Items that already run end first, and their errors are
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

    /// Runs `f` for each item, until one returns an error. Returns the results in the order of the items.
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
    fn block<R: Send>(self, work: impl FnOnce(&PassRun) -> R + Send) -> R {
        self.scope.books().on_blocking_pass(&self.batch.place);
        let (scope, batch, here, pool) = (self.scope, Arc::clone(&self.batch), self.here, self.pool);
        let result = blocking(here, || {
            // Before the right is used. So the hold always sees one of these: the right, the job on its way, or a lane.
            let on_its_way = scope.hold().map(Hold::job_on_its_way);
            let run = self.begin();
            in_pool(pool, on_its_way, || work(&run))
        });
        scope.books().on_pass_end(&batch.place);
        result
    }

    /// Uses the right, for a pass over a stream. More items may come until the token is dropped.
    #[cfg(feature = "stream")]
    pub(crate) fn begin_open(self) -> (PassRun, Option<OpenPass>) {
        let Pass { scope, pool, batch, unused, .. } = self;
        let run = PassRun::new(scope, &batch, threads_of(pool));
        let open = run.keep_open();
        drop(unused);
        (run, open)
    }

    /// Uses the right. The caller holds a token for the job that comes next.
    pub(crate) fn begin(self) -> PassRun {
        let Pass { scope, pool, batch, unused, .. } = self;
        let run = PassRun::new(scope, &batch, threads_of(pool));
        drop(unused);
        run
    }
}

fn threads_of(pool: Option<&Arc<ThreadPool>>) -> usize {
    pool.map_or_else(rayon::current_num_threads, |pool| pool.current_num_threads())
}

#[cfg(feature = "stream")]
impl<'scope> Pass<'scope> {
    pub(crate) fn parts(&self) -> Parts<'scope> {
        let queue = self.queue.unwrap_or_else(|| 2 * threads_of(self.pool));
        Parts {
            scope: self.scope,
            pool: self.pool,
            batch: Arc::clone(&self.batch),
            here: self.here,
            queue: queue.max(self.chunk),
            chunk: self.chunk,
        }
    }
}

/// What a pass over a stream needs of its right.
#[cfg(feature = "stream")]
pub(crate) struct Parts<'scope> {
    pub(crate) scope: &'scope Arc<ScopeState>,
    pub(crate) pool: Option<&'scope Arc<ThreadPool>>,
    pub(crate) batch: Arc<Batch>,
    pub(crate) here: bool,
    pub(crate) queue: usize,
    pub(crate) chunk: usize,
}

/// Runs `work` in the scope's own pool, else where rayon would run it.
pub(crate) fn in_pool<R: Send>(
    pool: Option<&Arc<ThreadPool>>,
    on_its_way: Option<Token>,
    work: impl FnOnce() -> R + Send,
) -> R {
    let work = move || {
        drop(on_its_way);
        // While this worker waits for the lanes, rayon may give it a job that does not belong to the pass.
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
        f.debug_struct("Pass").field("label", &self.batch.place.label).finish_non_exhaustive()
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
                // A later error is dropped after the lock is released, because its `drop` may run foreign code.
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
