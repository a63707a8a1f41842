//! `ScopeBuilder`: how a scope is opened.

use crate::call::entry;
use crate::call::name::Name;
use crate::open::handle::ScopeHandle;
use crate::open::open_error::{Cause, OpenError};
use crate::open::scope::{Parts, Scope};
use crate::open::turn::Turn;
use crate::verdict::hold::holder::{DEFAULT_LIMIT, Hold};
use crate::work::state::{Options, ScopeState};
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::panic::Location;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

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
#[expect(clippy::struct_excessive_bools, reason = "each is a choice of its own")]
#[must_use = "a builder does nothing until `open` is called"]
pub struct ScopeBuilder {
    name: String,
    threads: Option<usize>,
    holds: Vec<(String, usize)>,
    hold_limit: Duration,
    process_wide: bool,
    strict: bool,
    timeline: bool,
    quiet: bool,
    report_to: Option<PathBuf>,
}

impl Scope {
    /// Opens a scope.
    ///
    /// The name is the one that probes give as their `scope`. It is kept for the life of the process, so it should
    /// name a kind of work and not one of its instances.
    ///
    /// ```
    /// use concurrency_probe::Scope;
    ///
    /// let install = Scope::open("install");
    /// assert_eq!(install.report().scope, "install");
    /// ```
    ///
    /// # Panics
    ///
    /// If it is opened where a [strict](ScopeBuilder::strict) scope of the same name is current.
    #[track_caller]
    pub fn open(name: &str) -> Self {
        Scope::builder(name).open()
    }

    /// Says how a scope is to be opened.
    ///
    /// ```
    /// use concurrency_probe::Scope;
    ///
    /// let install = Scope::builder("install").threads(4).hold("link_slot", 2).open();
    /// # drop(install);
    /// ```
    pub fn builder(name: &str) -> ScopeBuilder {
        ScopeBuilder::new(name)
    }
}

impl ScopeBuilder {
    pub(crate) fn new(name: &str) -> Self {
        ScopeBuilder {
            name: name.into(),
            threads: None,
            holds: Vec::new(),
            hold_limit: DEFAULT_LIMIT,
            process_wide: false,
            strict: false,
            timeline: false,
            quiet: false,
            report_to: None,
        }
    }

    /// Gives the scope a rayon pool of its own, of at least `threads` threads (at least 1), also on a machine
    /// with fewer cores. Its passes and [`run`](ScopeHandle::run) run inside, and the scope is current on every thread of it,
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

    /// Holds entries of a probe until `n` threads are inside at once, or it is known that no further one can come: so that what
    /// [`assert_concurrent`](crate::Reading::assert_concurrent) judges is a matter of structure and not of luck. For an async
    /// probe without `polls` it keeps futures pending, and blocks no thread, until `n` are in flight. Implies a pool of the scope's
    /// own, with threads enough for all of its holds.
    ///
    /// Each pass is held anew, until its calls have met. Outside of passes the hold comes again now and then, so that a long
    /// serial stretch is seen there too. Polls of a `polls` probe are held outside of passes until they have met once in each batch.
    ///
    /// It is known that nobody can come
    ///
    /// - in a pass whose items are all there;
    /// - in [`run`](ScopeHandle::run), [`in_scope`](ScopeHandle::in_scope) and [`attach`](ScopeHandle::attach), if all that runs in the
    ///   scope is on the stacks of the threads that wait, and the thread that opened the scope is among them;
    /// - for futures in [`attach_exclusive`](crate::Scope::attach_exclusive), if nothing but the hold can wake it. In
    ///   [`attach`](ScopeHandle::attach) a sibling may attach another one at any time: the wait lasts for the limit, and is a fact
    ///   afterwards if nobody did.
    ///
    /// Elsewhere (an open stream, other threads and tasks, a lock, a channel, [`process_wide`](ScopeBuilder::process_wide)) a
    /// [limit](ScopeBuilder::hold_limit) ends the wait, and the verdict is called undecided: see
    /// [`NotConcurrent::is_proven`](crate::NotConcurrent::is_proven).
    ///
    /// A hold gives the same verdicts on every system. Only Linux tells what a thread does. Elsewhere a wait that the limit ends may last up to
    /// sixteen times the limit, a proof outside of passes may come a quarter of a second later, and the message does not say what the
    /// other workers do. On a target without threads, such as
    /// wasm32-unknown-unknown, no scope with a hold can be opened: see [`try_open`](ScopeBuilder::try_open).
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
    pub fn hold(mut self, probe: &str, n: usize) -> Self {
        match self.holds.iter_mut().find(|(held, _)| held == probe) {
            Some((_, held_for)) => *held_for = n,
            None => self.holds.push((probe.into(), n)),
        }
        self
    }

    /// How long a [hold](ScopeBuilder::hold) waits where it cannot be known that nobody can come: 5 seconds unless told.
    ///
    /// It is *free time*: time in which a worker was free to run what would have come, or every thread of the process waited for
    /// another one. While no worker is free, and a thread of the process sleeps for a timer or for something from outside, time
    /// counts for a quarter, and else for a sixteenth: a busy machine makes the end later, and not the verdict red. Only Linux tells what
    /// other threads do; elsewhere it is always a sixteenth while no worker is free. Of the waits of one
    /// batch each one that ends so halves the next: together they take at most twice the limit. In passes a meeting begins this anew.
    /// Outside of passes the waits after a meeting begin at an eighth of the limit.
    ///
    /// ```
    /// # use concurrency_probe::{Scope, concurrency_probe};
    /// # use std::time::Duration;
    /// # #[concurrency_probe(scope = "install")]
    /// # fn link() {}
    /// let install = Scope::builder("install").process_wide().hold("link", 2).hold_limit(Duration::from_millis(20)).open();
    /// (0..9).for_each(|_| link()); // nobody else comes, and nobody can know
    /// assert!(!install.reading("link").check_concurrent(2).unwrap_err().is_proven());
    /// ```
    pub fn hold_limit(mut self, limit: Duration) -> Self {
        self.hold_limit = limit;
        self
    }

    /// Also claims calls from threads where no scope of this name is current: the way to probe a program that has
    /// not moved to passes yet, without changing a signature. One scope of a name can be process-wide at a time: `open` waits
    /// for its turn, and is an error if the other one was opened on this thread. It cannot tell the calls of another test in the same process from its own: give such a test a process of its
    /// own.
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

    /// Turns findings into panics where they are made: at the fourth one-item pass of one place, at the fourth of the offloads of
    /// one place that follow one another, at the fifth stage of a lane, at the opening of a scope inside one of its name (if either
    /// is strict), at a call inside a poll of a `polls` probe, and at a pass there if another such future of the task is in flight. An
    /// assertion fails if calls were unattributed. A thread that panics already is left alone.
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

    /// Keeps when each call of a probe, each item of a pass, each phase, each poll and each wait in a hold began and ended, and on
    /// which thread: see [`Timeline`](crate::Timeline), which also says how many are kept at most. The environment variable
    /// `CONCURRENCY_PROBE_TIMELINE=1` does so for every scope, so that a program need not be built again.
    ///
    /// A call then reads the clock twice. It takes no lock and is judged as it is without a timeline.
    ///
    /// ```
    /// use concurrency_probe::Scope;
    ///
    /// let mut install = Scope::builder("install").timeline().open();
    /// install.pass("links").for_each(0..3, |_lane, _slot| ());
    /// assert_eq!(install.report().timeline.unwrap().spans.len(), 3);
    /// ```
    pub fn timeline(mut self) -> Self {
        self.timeline = true;
        self
    }

    /// Prints no finding when the scope closes: for programs whose standard error their users read. The report has the findings
    /// all the same. The environment variable `CONCURRENCY_PROBE_QUIET=1` does so for every scope.
    ///
    /// ```
    /// use concurrency_probe::Scope;
    ///
    /// let mut install = Scope::builder("install").threads(2).quiet().open();
    /// for package in 0..4 {
    ///     install.pass("cold").for_each([package], |_lane, _package| ()); // a pass per item
    /// }
    /// assert_eq!(install.report().findings.len(), 1);
    /// ```
    pub fn quiet(mut self) -> Self {
        self.quiet = true;
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
    /// Where [`ScopeBuilder::try_open`] returns an error, and if the scope is opened where a scope of the same name is current and
    /// either is [strict](ScopeBuilder::strict).
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
    /// If a thread of the scope's own pool cannot be started, if a probe is held for 0 or for more threads than a pool can have, if
    /// the limit of a hold is 0, and if it is process-wide and another process-wide scope of its name was opened on this thread and
    /// is open.
    ///
    /// # Panics
    ///
    /// If the scope is opened where a scope of the same name is current and either is
    /// [strict](ScopeBuilder::strict).
    #[track_caller]
    pub fn try_open(self) -> Result<Scope, OpenError> {
        let opened_at = Location::caller();
        let name = Name::intern(&self.name);
        let error = |cause| OpenError { scope: name.text(), cause };
        let pool_size = self.pool_size().map_err(error)?;
        let outer = ScopeState::current(name);
        if let Some(outer) = &outer {
            outer.books().nested_scope(opened_at);
            assert!(
                (!self.strict && !outer.is_strict()) || std::thread::panicking(),
                "nested_scope: scope `{}` is opened at {opened_at} where the one opened at {} is current; open one \
                 scope for each unit of work, and give its parts a `ScopeHandle`",
                self.name,
                outer.opened_at(),
            );
        }
        let turn = if self.process_wide {
            Some(Turn::take(name, opened_at).map_err(|opened_at| error(Cause::Taken { opened_at }))?)
        } else {
            None
        };
        let wide = turn.as_ref().map(|_| name.lease_wide());
        let hold = (!self.holds.is_empty()).then(|| {
            Hold::new(&self.holds, self.hold_limit, pool_size.unwrap_or_default(), self.process_wide)
        });
        let state = ScopeState::new(Options {
            name,
            opened_at,
            strict: self.strict,
            timeline: self.timeline || is_set("CONCURRENCY_PROBE_TIMELINE"),
            hold,
            wide: wide.as_ref(),
        });
        if outer.is_some() {
            state.books().nested_scope(opened_at);
        }
        let pool = pool_size.map(|threads| own_pool(&state, threads)).transpose().map_err(error)?;
        if let Some(pool) = &pool {
            state.own_pool().set(pool);
            if let Some(hold) = state.hold() {
                hold.meet_the_workers(pool);
            }
        }
        name.opened();
        entry::scope_opened();
        if let Some(wide) = &wide {
            wide.publish(Some(state.as_host()));
        }
        Ok(Scope::opened(Parts {
            handle: ScopeHandle::of_scope(state),
            pool,
            wide,
            turn,
            is_nested: outer.is_some(),
            is_quiet: self.quiet || is_set("CONCURRENCY_PROBE_QUIET"),
            report_to: self.report_to,
        }))
    }

    /// The threads of the scope's own pool, if it is to have one.
    fn pool_size(&self) -> Result<Option<usize>, Cause> {
        let most = rayon::max_num_threads();
        // As many as can wait in all holds together without any of them being met, and one more.
        let mut least = 1_usize;
        for (probe, threads) in &self.holds {
            let (probe, threads) = (probe.clone(), *threads);
            if threads == 0 {
                return Err(Cause::HoldOfNone { probe });
            }
            least = least.saturating_add(threads - 1);
            if least > most {
                return Err(Cause::HoldOfTooMany { probe, threads, most });
            }
        }
        if !self.holds.is_empty() && self.hold_limit.is_zero() {
            return Err(Cause::NoLimit);
        }
        let least = (!self.holds.is_empty()).then_some(least);
        Ok(self.threads.max(least).map(|threads| threads.max(1)))
    }
}

/// Whether an environment variable asks for something: it is there, not empty, and not `0`.
fn is_set(variable: &str) -> bool {
    std::env::var_os(variable).is_some_and(|value| !value.is_empty() && value != "0")
}

/// A pool in whose threads the scope is current, whatever runs there.
fn own_pool(state: &Arc<ScopeState>, threads: usize) -> Result<Arc<ThreadPool>, Cause> {
    let scope = Arc::clone(state);
    let name = state.name().text();
    // Before there is a thread, so that no pass begins before it.
    let ground = scope.ground_context();
    ThreadPoolBuilder::new()
        .num_threads(threads)
        .thread_name(move |i| format!("{name}-{i}"))
        .start_handler(move |i| {
            ground.clone().settle();
            if let Some(hold) = scope.hold() {
                hold.worker_started(i);
            }
        })
        .build()
        .map(Arc::new)
        .map_err(|source| Cause::Pool { threads, source })
}
