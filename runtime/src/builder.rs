//! `ScopeBuilder`: how a scope is opened.

use crate::context::Context;
use crate::entry;
use crate::hold::{DEFAULT_CHANCES, Hold};
use crate::name::Name;
use crate::open_error::OpenError;
use crate::scope::Scope;
use crate::shared::{Options, Shared};
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::panic::Location;
use std::path::PathBuf;
use std::sync::Arc;

/// Says how a [`Scope`] is to be opened; see [`Scope::builder`].
///
/// ```
/// use concurrency_probe::{Scope, ScopeBuilder};
///
/// fn for_tests() -> ScopeBuilder {
///     Scope::builder("install").hold("link_slot", 2).strict()
/// }
///
/// let install = for_tests().open();
/// # drop(install);
/// ```
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until `open` is called"]
pub struct ScopeBuilder {
    name: String,
    threads: Option<usize>,
    holds: Vec<(String, usize)>,
    chances: u32,
    process_wide: bool,
    strict: bool,
    timeline: bool,
    report_to: Option<PathBuf>,
}

impl ScopeBuilder {
    pub(crate) fn new(name: &str) -> Self {
        ScopeBuilder {
            name: name.into(),
            threads: None,
            holds: Vec::new(),
            chances: DEFAULT_CHANCES,
            process_wide: false,
            strict: false,
            timeline: false,
            report_to: None,
        }
    }

    /// Gives the scope a rayon pool of its own, of at least `threads` threads (at least 1), also on a machine
    /// with fewer cores. Its passes and [`Scope::run`] run inside, and the scope is current on every thread of it,
    /// so that work which a lane hands to bare rayon is attributed too.
    ///
    /// ```
    /// use concurrency_probe::Scope;
    ///
    /// let install = Scope::builder("install").threads(4).open();
    /// assert_eq!(install.run(rayon::current_num_threads), 4);
    /// ```
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = Some(threads);
        self
    }

    /// Holds each entry of a probe until `threads` threads are inside at once, or it is certain that no further
    /// one can come; then calls pass straight through. A hold that was met is over for good; one that found nobody
    /// is tried again in the next passes, up to 64 times. It makes the peak that
    /// [`Reading::assert_concurrent`](crate::Reading::assert_concurrent) judges a matter of structure instead of
    /// luck. Implies a pool of the scope's own, with threads enough for all of its holds.
    ///
    /// Inside a pass no clock is involved: the hold ends when all other workers are between two jobs and all queues
    /// empty. Where that cannot be told it ends after a number of [chances](ScopeBuilder::chances) that others had:
    /// where more work may come from outside (an open stream, an attached future, a right of [`Scope::passes`] that is
    /// not used yet, [`Scope::run`], [`ScopeBuilder::process_wide`]), and where a worker waits for another thread, with
    /// no limit of time, for a lock or for a part of its job. A worker that computes, or waits for a timer or a disk, is
    /// waited for; after ten seconds a warning says so. What threads do is asked of the system, on Linux; elsewhere 16
    /// milliseconds without a sign of life are a chance.
    ///
    /// So a lane that waits for a thread outside of the scope (a channel, `block_on`, *another* rayon pool) is taken for
    /// stuck when all chances have passed; while any thread of the process runs, they pass sixteen times as slowly. An
    /// async probe without `polls` is not held.
    ///
    /// ```
    /// use concurrency_probe::{Scope, concurrency_probe};
    ///
    /// #[concurrency_probe(scope = "install")]
    /// fn link(_slot: usize) {}
    ///
    /// let mut install = Scope::builder("install").hold("link", 3).open();
    /// install.pass("links").for_each(0..30, |_lane, slot| link(slot));
    /// assert_eq!(install.reading("link").max_concurrent(), Some(3));
    /// ```
    pub fn hold(mut self, probe: &str, threads: usize) -> Self {
        match self.holds.iter_mut().find(|(held, _)| held == probe) {
            Some((_, held_for)) => *held_for = threads,
            None => self.holds.push((probe.into(), threads)),
        }
        self
    }

    /// How many chances a hold gives others to come where it cannot be certain that nobody will: 1000 unless told.
    /// Each takes at least a millisecond; on a machine that is busy they take longer.
    ///
    /// ```
    /// # use concurrency_probe::{Scope, concurrency_probe};
    /// # #[concurrency_probe(scope = "install")]
    /// # fn link() {}
    /// let install = Scope::builder("install").hold("link", 2).chances(20).open();
    /// install.run(link); // nobody else comes: about 20 ms
    /// assert_eq!(install.reading("link").max_concurrent(), Some(1));
    /// ```
    pub fn chances(mut self, chances: u32) -> Self {
        self.chances = chances.max(1);
        self
    }

    /// Also claims calls from threads where no scope of this name is current: the way to probe a program that has
    /// not moved to passes yet, without changing a signature. One scope of a name can be process-wide at a time:
    /// `open` waits for its turn.
    ///
    /// ```
    /// use concurrency_probe::{Scope, concurrency_probe};
    ///
    /// #[concurrency_probe(scope = "install")]
    /// fn unpack() {}
    ///
    /// let install = Scope::builder("install").process_wide().open();
    /// std::thread::spawn(unpack).join().unwrap();
    /// assert_eq!(install.reading("unpack").calls(), 1);
    /// ```
    pub fn process_wide(mut self) -> Self {
        self.process_wide = true;
        self
    }

    /// Turns findings into panics where they are made: at the fourth one-item pass of one place, at the opening of
    /// a scope inside one of its name (if either is strict), and at a call or pass inside a poll.
    ///
    /// ```should_panic
    /// use concurrency_probe::Scope;
    ///
    /// let mut install = Scope::builder("install").threads(2).strict().open();
    /// for package in 0..4 {
    ///     install.pass("cold").for_each([package], |_lane, _package| ()); // a pass per item
    /// }
    /// ```
    pub fn strict(mut self) -> Self {
        self.strict = true;
        self
    }

    /// Keeps the thread, start and end of each item of a pass for the report: at most 65,536 items a pass, and the
    /// report says how many were left out.
    ///
    /// ```
    /// use concurrency_probe::Scope;
    ///
    /// let mut install = Scope::builder("install").timeline().open();
    /// install.pass("links").for_each(0..3, |_lane, _slot| ());
    /// let report = install.report();
    /// assert_eq!(report.passes[0].timeline.as_ref().unwrap().spans.len(), 3);
    /// ```
    pub fn timeline(mut self) -> Self {
        self.timeline = true;
        self
    }

    /// Appends the report to this file when the scope closes, instead of the one named by the environment variable
    /// `CONCURRENCY_PROBE_REPORT`. A file that cannot be written is a warning on standard error.
    ///
    /// ```
    /// use concurrency_probe::Scope;
    ///
    /// let dir = tempfile::tempdir().unwrap();
    /// let file = dir.path().join("report.ndjson");
    /// drop(Scope::builder("install").report_to(&file).open());
    /// assert!(std::fs::read_to_string(&file).unwrap().starts_with(r#"{"schema":"concurrency-probe/1""#));
    /// ```
    #[cfg(feature = "report")]
    pub fn report_to(mut self, path: impl Into<PathBuf>) -> Self {
        self.report_to = Some(path.into());
        self
    }

    /// Opens the scope.
    ///
    /// ```
    /// use concurrency_probe::Scope;
    ///
    /// let install = Scope::builder("install").threads(2).open();
    /// # drop(install);
    /// ```
    ///
    /// # Panics
    ///
    /// If a thread of the scope's own pool cannot be started ([`ScopeBuilder::try_open`] returns that as an error),
    /// or if the scope is opened where a scope of the same name is current and either is
    /// [strict](ScopeBuilder::strict).
    #[track_caller]
    pub fn open(self) -> Scope {
        match self.try_open() {
            Ok(scope) => scope,
            Err(error) => panic!("{error}"),
        }
    }

    /// Opens the scope.
    ///
    /// ```
    /// use concurrency_probe::Scope;
    ///
    /// let install = Scope::builder("install").threads(2).try_open()?;
    /// # Ok::<(), concurrency_probe::OpenError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If a thread of the scope's own pool cannot be started.
    ///
    /// # Panics
    ///
    /// If the scope is opened where a scope of the same name is current and either is
    /// [strict](ScopeBuilder::strict).
    #[track_caller]
    pub fn try_open(self) -> Result<Scope, OpenError> {
        let opened_at = Location::caller();
        let name = Name::intern(&self.name);
        let outer = Context::current().find(name).cloned();
        if let Some(outer) = &outer {
            outer.book_nested(opened_at);
            assert!(
                !self.strict && !outer.is_strict(),
                "nested_scope: scope `{}` is opened at {opened_at} where the one opened at {} is current; open one \
                 scope for each unit of work, and give its parts a `ScopeHandle`",
                self.name,
                outer.opened_at(),
            );
        }
        // As many as can wait in all holds together without any of them being met, and one more.
        let least = self.holds.iter().map(|(_, threads)| threads.saturating_sub(1)).sum::<usize>() + 1;
        let least = (!self.holds.is_empty()).then_some(least);
        let pool_size = self.threads.max(least).map(|threads| threads.max(1));
        let hold = (!self.holds.is_empty())
            .then(|| Hold::new(&self.holds, self.chances, pool_size.unwrap_or_default()));
        let wide = self.process_wide.then(|| name.take_turn(opened_at));
        let shared = Shared::new(Options {
            name,
            opened_at,
            strict: self.strict,
            timeline: self.timeline,
            hold,
            wide: wide.as_ref(),
        });
        if outer.is_some() {
            shared.book_nested(opened_at);
        }
        let pool = pool_size.map(|threads| own_pool(&shared, threads)).transpose()?;
        if let Some(pool) = &pool {
            shared.set_pool(pool);
            if let Some(hold) = shared.hold() {
                hold.meet_the_workers(pool);
            }
        }
        name.opened();
        entry::scope_opened();
        if let Some(wide) = &wide {
            wide.publish();
        }
        Ok(Scope::opened(shared, pool, wide, outer.is_some(), self.report_to))
    }
}

/// A pool whose threads stand on the scope's ground: it is current whatever runs there.
fn own_pool(shared: &Arc<Shared>, threads: usize) -> Result<Arc<ThreadPool>, OpenError> {
    let scope = Arc::clone(shared);
    let name = shared.name().text();
    ThreadPoolBuilder::new()
        .num_threads(threads)
        .thread_name(move |i| format!("{name}-{i}"))
        .start_handler(move |i| {
            Context::default().and(&scope).settle();
            if let Some(hold) = scope.hold() {
                hold.worker_started(i);
            }
        })
        .build()
        .map(Arc::new)
        .map_err(|source| OpenError { scope: name, threads, source })
}
