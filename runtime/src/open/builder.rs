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

/// The options of a [`Scope`] that is to be opened, from [`Scope::builder`].
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
    /// `name` is the name that probes give as their `scope`. It is kept for the life of the process. So it should
    /// name a kind of work (`"install"`), and not one instance of it.
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

    /// A builder for a scope of this name, with the options that a test or a benchmark needs.
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

    /// Gives the scope a rayon pool of its own, with at least `threads` threads, also on a machine with fewer cores. A `threads` of 0
    /// means 1.
    ///
    /// The passes of the scope and [`run`](ScopeHandle::run) run in this pool. The scope is current on every thread of it. So calls are
    /// counted also where a lane uses rayon directly.
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

    /// Holds a probe: each call waits inside until `n` threads are inside at once, or until no further thread can come. Then all of them
    /// go on.
    ///
    /// So [`assert_concurrent`](crate::Reading::assert_concurrent) judges the structure of the program, and not which worker was
    /// faster. An async probe without `polls` blocks no thread: its futures stay pending until `n` are in flight. A hold gives
    /// the scope a pool of its own, with enough threads for all holds of the scope. The last hold of a probe counts, if there are several.
    ///
    /// Each pass is held until its calls have met once. Outside of passes the hold starts again from time to time, so that it also sees a long
    /// serial stretch. Polls of a `polls` probe are held outside of passes until they have met once in each batch.
    ///
    /// The hold proves that no further call can come
    ///
    /// - in a pass whose items all exist already;
    /// - in [`run`](ScopeHandle::run), [`in_scope`](ScopeHandle::in_scope) and [`attach`](ScopeHandle::attach), if everything that runs in the
    ///   scope is on the stacks of the waiting threads, and the thread that opened the scope is one of these;
    /// - for futures in [`attach_exclusive`](crate::Scope::attach_exclusive), if only the hold can wake them.
    ///
    /// For futures in [`attach`](ScopeHandle::attach) the wait always lasts for the limit, because a sibling may attach another future at any
    /// time. The verdict is proven afterwards if no sibling attached one.
    ///
    /// In all other cases (an open stream, other threads and tasks, a lock, a channel, [`process_wide`](ScopeBuilder::process_wide)) a
    /// [limit](ScopeBuilder::hold_limit) ends the wait. The verdict is then undecided: see
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

    /// How long a [hold](ScopeBuilder::hold) waits where another call may always come. The default is 5 seconds. It must not be 0.
    ///
    /// The limit is *free time*, and not wall-clock time. So a busy machine makes a verdict later, and not red:
    ///
    /// - Time counts fully while a worker is free to run another call, or while every thread of the process waits for another thread.
    /// - It counts a quarter while no worker is free, and a thread of the process sleeps for a timer or for something outside of the process.
    /// - It counts a sixteenth otherwise. Only Linux tells what other threads do: on other systems it is always a sixteenth while no worker is
    ///   free.
    ///
    /// In one batch, each wait that ends by the limit halves the limit of the next wait. So all waits of a batch take at most twice the limit
    /// together. In passes, a meeting sets the limit back to its full length. Outside of passes, the waits after a meeting begin with an eighth of
    /// the limit.
    ///
    /// ```
    /// # use concurrency_probe::{Scope, concurrency_probe};
    /// # use std::time::Duration;
    /// # #[concurrency_probe(scope = "install")]
    /// # fn link() {}
    /// let install = Scope::builder("install").process_wide().hold("link", 2).hold_limit(Duration::from_millis(20)).open();
    /// (0..9).for_each(|_| link()); // no other thread calls, but the hold cannot be certain of it
    /// assert!(!install.reading("link").check_concurrent(2).unwrap_err().is_proven());
    /// ```
    pub fn hold_limit(mut self, limit: Duration) -> Self {
        self.hold_limit = limit;
        self
    }

    /// Also counts calls on threads where no scope of this name is current. So a program can be probed that does not use passes yet, without a
    /// change of a signature.
    ///
    /// Only one scope of a name can be process-wide at a time. `open` waits until the other one closes. If the other one was opened on this
    /// thread, [`open`](ScopeBuilder::open) panics and [`try_open`](ScopeBuilder::try_open) returns an error. The scope also counts the calls of other
    /// tests in the same process: run such a test in a process of its own.
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

    /// Makes each [finding](crate::FindingKind) a panic, at the place that causes it:
    ///
    /// - at the fourth one-item pass of one place;
    /// - at the fourth offload of one place, if each was sent after the one before had ended;
    /// - at the fifth stage of a lane;
    /// - where a scope is opened while one of its name is current, if either is strict;
    /// - at a call inside a poll of a `polls` probe, and at a pass there if another such future of the task is in flight.
    ///
    /// An assertion also fails if calls were unattributed. A thread that is panicking already does not panic again.
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

    /// Records when each call of a probe, each item of a pass, each phase, each poll and each wait in a hold began and ended, and on
    /// which thread. [`Timeline`](crate::Timeline) says how many are kept. The environment variable
    /// `CONCURRENCY_PROBE_TIMELINE=1` does the same for every scope, without a new build.
    ///
    /// A call then reads the clock twice, and takes no lock. Verdicts are the same with and without a timeline.
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

    /// Prints no findings when the scope closes. Use it for programs whose users read standard error. The report still has the findings.
    /// The environment variable `CONCURRENCY_PROBE_QUIET=1` does the same for every scope.
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

    /// Appends the report to this file when the scope closes, and not to the file that the environment variable
    /// `CONCURRENCY_PROBE_REPORT` names. If the file cannot be written, a warning goes to standard error.
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

    /// Opens the scope, or panics.
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
    /// If [`ScopeBuilder::try_open`] would return an error, or if a scope of the same name is current here and either of the two is
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
    /// - A thread of the scope's own pool cannot be started.
    /// - A probe is held for 0 threads, or the holds need more threads than a pool can have.
    /// - A probe is held, and the limit of the hold is 0.
    /// - The scope is process-wide, and another process-wide scope of its name that was opened on this thread is still open.
    ///
    /// # Panics
    ///
    /// If a scope of the same name is current here and either of the two is [strict](ScopeBuilder::strict).
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
        // So many calls can wait in all holds together before one hold is met; and one thread more.
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
    // Made before the first thread starts, so that no pass can begin without it.
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
