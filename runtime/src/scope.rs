//! `Scope`: one live unit of work.

use crate::attach::Attached;
use crate::builder::ScopeBuilder;
use crate::context::Context;
use crate::entry;
use crate::handle::ScopeHandle;
use crate::name::WideTurn;
use crate::pass::{self, Pass};
use crate::phase::Phase;
use crate::reading::Reading;
use crate::report::{FindingKind, Report};
use crate::shared::{PassPlace, Shared};
use rayon::ThreadPool;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::future::Future;
use std::panic::Location;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

/// One live unit of work: an install, a build, a request. Probes of its name count for it where it is current.
///
/// It is current in the lanes of its passes, under [`Scope::run`], during the polls of an
/// [attached](Scope::attach) future and on the threads of a [pool of its own](ScopeBuilder::threads); a call
/// belongs to the innermost current scope of its probe's scope name. Dropping the scope closes it: its findings
/// are printed as warnings, and with the feature `report` its report is written.
///
/// Calls that are in flight when it is dropped end in its own readings, which a [`ScopeHandle`] can still take, and in
/// nobody else's; a thread that waits in a [hold](ScopeBuilder::hold) is let go. A scope opened where one of the same
/// name is current counts what is inside of it, and is a finding of both, as it is mostly a scope for each item
/// where one for all was meant.
///
/// A scope is not `Clone`, and starts passes from `&mut self`: two futures cannot each start a pass of it.
///
/// ```
/// use concurrency_probe::{Scope, concurrency_probe};
///
/// #[concurrency_probe(scope = "install")]
/// fn unpack(_package: &str) {}
///
/// let mut install = Scope::open("install");
/// install.pass("unpack").for_each(&["a", "b", "c"], |_lane, package| unpack(package));
/// assert_eq!(install.reading("unpack").calls(), 3);
/// ```
///
/// # Limits
///
/// On a pool that others use too (the global one), a closure that a lane hands to bare rayon (`rayon::join`,
/// `par_iter`) may be stolen by a worker where this scope is not current, or another one is: rayon has no hook to
/// carry the scope along. Use [`Lane::join`](crate::Lane::join), or give the scope [threads](ScopeBuilder::threads)
/// of its own, where the scope is current on every worker.
#[must_use = "a scope closes when it is dropped: bind it to a name, `_` drops it at once"]
pub struct Scope {
    shared: Arc<Shared>,
    pool: Option<Arc<ThreadPool>>,
    wide: Option<WideTurn>,
    /// Opened inside a scope of its name, which says so for all of them.
    is_nested: bool,
    #[cfg_attr(
        not(feature = "report"),
        expect(dead_code, reason = "there is no report file without the feature")
    )]
    report_to: Option<PathBuf>,
    /// While a process-wide scope is open, work may come from anywhere.
    _wide_source: Option<crate::hold::Token>,
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

    pub(crate) fn opened(
        shared: Arc<Shared>,
        pool: Option<Arc<ThreadPool>>,
        wide: Option<WideTurn>,
        is_nested: bool,
        report_to: Option<PathBuf>,
    ) -> Self {
        let wide_source = wide.as_ref().and_then(|_| shared.source());
        Scope { shared, pool, wide, is_nested, report_to, _wide_source: wide_source }
    }

    /// Runs `f` with the scope current on this thread, or on a thread of its own pool if it has one.
    ///
    /// ```
    /// # use concurrency_probe::{Scope, concurrency_probe};
    /// # #[concurrency_probe(scope = "install")]
    /// # fn read_lockfile() -> usize { 1308 }
    /// let install = Scope::open("install");
    /// let packages = install.run(|| read_lockfile());
    /// assert_eq!(install.reading("read_lockfile").calls(), 1);
    /// # assert_eq!(packages, 1308);
    /// ```
    ///
    /// # Panics
    ///
    /// If `f` panics, with its payload.
    pub fn run<R: Send>(&self, f: impl FnOnce() -> R + Send) -> R {
        let context = Context::current().and(&self.shared);
        let _source = self.shared.source();
        let f = || {
            let _current = context.enter();
            f()
        };
        match &self.pool {
            Some(pool) => pool.install(f),
            None => f(),
        }
    }

    /// Makes the scope current during every poll of `future`, on whatever thread that is.
    ///
    /// ```
    /// # use concurrency_probe::{Scope, concurrency_probe};
    /// #[concurrency_probe(scope = "install")]
    /// async fn fetch(id: u32) -> u32 {
    ///     id
    /// }
    ///
    /// let install = Scope::open("install");
    /// let ids = futures::executor::block_on(install.attach(futures::future::join_all((0..5).map(fetch))));
    /// assert_eq!(install.reading("fetch").calls(), 5);
    /// # assert_eq!(ids.len(), 5);
    /// ```
    pub fn attach<F: Future>(&self, future: F) -> Attached<F> {
        Attached::new(&self.shared, future)
    }

    /// The right to run one parallel pass of this scope. The label names it in the report; passes of one label made
    /// at one place in the source are summed.
    ///
    /// ```
    /// use concurrency_probe::Scope;
    ///
    /// let mut install = Scope::open("install");
    /// let lengths = install.pass("lengths").map(&["a", "bb"], |_lane, name| name.len());
    /// assert_eq!(lengths, [1, 2]);
    /// ```
    #[track_caller]
    pub fn pass(&mut self, label: impl Into<Cow<'static, str>>) -> Pass<'_> {
        let place = PassPlace { label: label.into(), at: Location::caller() };
        pass::right(&self.shared, self.pool.as_ref(), place)
    }

    /// The rights to run several passes, for code that hands them to different functions. While one of them is not used,
    /// its pass may still come: a [hold](ScopeBuilder::hold) gives it its chances.
    ///
    /// ```
    /// use concurrency_probe::Scope;
    ///
    /// let mut install = Scope::open("install");
    /// let [warm, cold] = install.passes(["warm", "cold"]);
    /// warm.for_each(0..312, |_lane, _slot| ());
    /// cold.for_each(0..996, |_lane, _slot| ());
    /// assert_eq!(install.report().passes.len(), 2);
    /// ```
    #[track_caller]
    pub fn passes<const N: usize>(&mut self, labels: [impl Into<Cow<'static, str>>; N]) -> [Pass<'_>; N] {
        let at = Location::caller();
        let (shared, pool) = (&self.shared, self.pool.as_ref());
        labels.map(|label| pass::right(shared, pool, PassPlace { label: label.into(), at }))
    }

    /// What a probe of this scope's name reads now. A probe that was never entered, or a name that no probe has,
    /// reads 0, and [`assert_concurrent`](Reading::assert_concurrent) says which of the two it is.
    ///
    /// ```
    /// # use concurrency_probe::{Scope, concurrency_probe};
    /// # #[concurrency_probe(scope = "install")]
    /// # fn unpack() {}
    /// # let install = Scope::open("install");
    /// install.run(unpack);
    /// println!("{}", install.reading("unpack"));
    /// assert_eq!(install.reading("unpack").calls(), 1);
    /// ```
    ///
    /// # Panics
    ///
    /// If two different probes of this name were entered in this scope: a reading of both would be of neither.
    /// Probes whose name was written by hand (`name = ".."`, `enter!`) are one probe if the names are equal.
    #[track_caller]
    pub fn reading(&self, probe: &str) -> Reading {
        self.shared.reading(probe)
    }

    /// A handle for code that counts, times or reads and starts no pass.
    ///
    /// ```
    /// # use concurrency_probe::Scope;
    /// # let install = Scope::open("install");
    /// let handle = install.handle();
    /// drop(install);
    /// assert_eq!(handle.report().scope, "install");
    /// ```
    pub fn handle(&self) -> ScopeHandle {
        ScopeHandle { shared: Arc::clone(&self.shared) }
    }

    /// Adds `n` to a metric of this run.
    ///
    /// ```
    /// # use concurrency_probe::Scope;
    /// # let install = Scope::open("install");
    /// install.count("warm", 312);
    /// install.count("warm", 1);
    /// assert_eq!(install.report().counts["warm"], 313);
    /// ```
    pub fn count(&self, name: &str, n: u64) {
        self.shared.count(name, n);
    }

    /// Times a span, until the [`Phase`] is dropped.
    ///
    /// ```
    /// # use concurrency_probe::Scope;
    /// # let install = Scope::open("install");
    /// {
    ///     let _phase = install.phase("link");
    ///     // ...
    /// }
    /// assert_eq!(install.report().phases[0].times, 1);
    /// ```
    pub fn phase(&self, name: impl Into<Cow<'static, str>>) -> Phase {
        Phase::begin(&self.shared, name.into())
    }

    /// Everything the scope knows now, as data.
    ///
    /// ```
    /// # use concurrency_probe::Scope;
    /// # let install = Scope::open("install");
    /// install.count("warm", 312);
    /// assert_eq!(install.report().counts["warm"], 312);
    /// ```
    pub fn report(&self) -> Report {
        self.shared.report()
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        if let Some(hold) = self.shared.hold() {
            hold.close();
        }
        // Claims end before the counts of live scopes go down, so that no call is lost in between.
        self.wide = None;
        self.shared.close();
        self.shared.name().closed();
        entry::scope_closed();
        let report = self.report();
        if !self.is_nested {
            warn_once_each(&report);
        }
        #[cfg(feature = "report")]
        crate::report_file::append(self.report_to.as_deref(), &report);
    }
}

/// Prints the findings that this process has not printed before: a job runner has a scope for each job.
fn warn_once_each(report: &Report) {
    type Place = (FindingKind, String, String, u32);
    static PRINTED: Mutex<BTreeSet<Place>> = Mutex::new(BTreeSet::new());
    for finding in &report.findings {
        let place = (finding.kind, report.scope.clone(), finding.file.clone(), finding.line);
        if crate::lock(&PRINTED).insert(place) {
            crate::warn(format_args!("scope `{}`: {finding}", report.scope));
        }
    }
}

// A panic in user code leaves it whole: its own locks are not held over foreign code, its counts end on unwind.
impl std::panic::UnwindSafe for Scope {}
impl std::panic::RefUnwindSafe for Scope {}

impl std::fmt::Debug for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scope")
            .field("name", &self.shared.name().text())
            .field("opened_at", &format_args!("{}", self.shared.opened_at()))
            .finish_non_exhaustive()
    }
}
