//! `Scope`: one live unit of work.

use crate::base::lock::lock;
use crate::base::trace;
use crate::base::warn::warn;
use crate::book::report::{Finding, FindingKind, Report};
use crate::call::entry;
use crate::call::name::WideBoard;
use crate::open::handle::ScopeHandle;
use crate::open::turn::Turn;
use crate::work::attach::Attached;
use crate::work::pass::{self, Pass};
use rayon::ThreadPool;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Deref;
use std::panic::Location;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// One live unit of work, such as an install, a build or a request. It counts the calls of probes that name it, where it is current.
///
/// A scope is current
///
/// - in the lanes and streams of its passes, and in an [`offload`](crate::offload()) that is sent from inside it;
/// - under [`run`](ScopeHandle::run) and [`in_scope`](ScopeHandle::in_scope);
/// - in an [attached](ScopeHandle::attach) future;
/// - on the threads of a [pool of its own](crate::ScopeBuilder::threads).
///
/// A call belongs to the innermost current scope that has the scope name of its probe. All methods except those about passes are
/// methods of [`ScopeHandle`], which can be cloned and given to threads and tasks.
///
/// Dropping a scope closes it. Its findings are then printed as warnings. With the feature `report` its report is written. Calls that are in
/// flight when it closes still end in its own readings, which a [`ScopeHandle`] can take. A thread that waits in a
/// [hold](crate::ScopeBuilder::hold) goes on.
///
/// If a scope is opened where one of the same name is current, the inner one counts the calls inside it. This is a finding of both scopes, because it is
/// mostly a mistake: one scope for each item, where one scope for all items was meant.
///
/// A scope is not `Clone`, and starts passes from `&mut self`. So two futures cannot each start a pass of it.
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
/// On a shared pool, such as the global one, a lane may use rayon directly (`rayon::join`, `par_iter`). A worker that steals such a closure
/// does not have this scope current, or has another one: rayon has no hook for it. Use
/// [`Lane::join`](crate::Lane::join) instead, or give the scope [threads](crate::ScopeBuilder::threads) of its own. Then the scope is current
/// on every worker.
#[must_use = "a scope closes when it is dropped: bind it to a name, `_` drops it immediately"]
pub struct Scope {
    handle: ScopeHandle,
    pool: Option<Arc<ThreadPool>>,
    /// Boxed, because few scopes are process-wide.
    wide: Option<Box<WideBoard>>,
    /// Dropped after `wide`: the next scope may take its turn only when the board is free.
    turn: Option<Turn>,
    is_quiet: bool,
    /// Whether it was opened inside a scope of its name. Then the outer scope prints the finding.
    is_nested: bool,
    #[cfg_attr(
        not(feature = "report"),
        expect(dead_code, reason = "there is no report file without the feature")
    )]
    report_to: Option<Box<Path>>,
}

/// What a [`Scope`] is made of.
pub(crate) struct Parts {
    pub(crate) handle: ScopeHandle,
    pub(crate) pool: Option<Arc<ThreadPool>>,
    pub(crate) wide: Option<WideBoard>,
    pub(crate) turn: Option<Turn>,
    pub(crate) is_nested: bool,
    pub(crate) is_quiet: bool,
    pub(crate) report_to: Option<PathBuf>,
}

impl Scope {
    pub(crate) fn opened(parts: Parts) -> Self {
        let Parts { handle, pool, wide, turn, is_nested, is_quiet, report_to } = parts;
        #[cfg(any(feature = "metrics", feature = "report"))]
        crate::open::open_scopes::opened(&handle.state);
        #[cfg(feature = "report")]
        crate::open::live_file::opened();
        let report_to = report_to.map(PathBuf::into_boxed_path);
        Scope { handle, pool, wide: wide.map(Box::new), turn, is_quiet, is_nested, report_to }
    }

    /// The right to run one parallel pass of this scope.
    ///
    /// The label names the pass in readings and in the report. All passes of one label that are made at one place in the source are one batch.
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
        pass::right(&self.handle.state, self.pool.as_ref(), label.into(), Location::caller())
    }

    /// The rights to run several passes, one for each label. It is for code that gives them to different functions.
    ///
    /// Passes of one label are one batch. Calls of different batches never count as meeting.
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
        let (state, pool) = (&self.handle.state, self.pool.as_ref());
        labels.map(|label| pass::right(state, pool, label.into(), at))
    }

    /// Like [`attach`](ScopeHandle::attach), but the future borrows the scope. So no other code can use the scope while the future is pending.
    ///
    /// Use it for functions that are [held](crate::ScopeBuilder::hold). If only the hold can wake the future and the pool of the scope is
    /// idle, no other call can come, and the wait ends. With `attach` a sibling may attach another future at any time. So there the hold waits for the
    /// whole [limit](crate::ScopeBuilder::hold_limit). It does the same here while a [`ScopeHandle`] is alive, because a handle can make
    /// calls too.
    ///
    /// ```
    /// use concurrency_probe::{Scope, concurrency_probe};
    ///
    /// #[concurrency_probe(scope = "install")]
    /// async fn fetch(id: u32) -> u32 {
    ///     id
    /// }
    ///
    /// let mut install = Scope::builder("install").hold("fetch", 2).open();
    /// futures::executor::block_on(install.attach_exclusive(async {
    ///     for id in 0..20 {
    ///         fetch(id).await;
    ///     }
    /// }));
    /// let why = install.reading("fetch").check_in_flight(2).unwrap_err();
    /// assert!(why.is_proven(), "{why}");
    /// ```
    ///
    /// # Panics
    ///
    /// The returned future panics if it is polled again after it was ready.
    pub fn attach_exclusive<F: Future>(&mut self, future: F) -> impl Future<Output = F::Output> {
        Attached::new(&self.handle.state, None, None, future, true)
    }

    /// A handle for code that starts no pass. It can be cloned and sent to other threads.
    ///
    /// ```
    /// # use concurrency_probe::Scope;
    /// # let install = Scope::open("install");
    /// let handle = install.handle();
    /// drop(install);
    /// assert_eq!(handle.report().scope, "install");
    /// ```
    pub fn handle(&self) -> ScopeHandle {
        ScopeHandle::given(&self.handle.state)
    }
}

/// A scope has all methods of its handle.
impl Deref for Scope {
    type Target = ScopeHandle;

    fn deref(&self) -> &ScopeHandle {
        &self.handle
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        let state = &self.handle.state;
        if let Some(hold) = state.hold() {
            hold.close();
        }
        // The claim to other threads' calls ends before the number of live scopes goes down, so that no call is lost in between.
        self.wide = None;
        self.turn = None;
        state.close();
        state.name().closed();
        entry::scope_closed();
        let report = state.report();
        self.trace_findings(&report);
        if !self.is_nested && !self.is_quiet {
            warn_once_each(&report);
        }
        #[cfg(feature = "metrics")]
        crate::open::gauges::closed(state);
        #[cfg(all(feature = "report", not(feature = "metrics")))]
        crate::open::open_scopes::closed(state);
        #[cfg(feature = "report")]
        {
            crate::open::live_file::closed();
            crate::open::report_file::append(self.report_to.as_deref(), &report);
        }
    }
}

impl Scope {
    /// Tells a subscriber of each finding. That a scope is nested is told by the outermost one, for all of them.
    fn trace_findings(&self, report: &Report) {
        let told = |kind| !(self.is_nested && kind == FindingKind::NestedScope);
        for Finding { kind, file, line, message, .. } in report.findings.iter().filter(|it| told(it.kind)) {
            trace::finding(
                &kind.to_string(),
                trace::Place { scope: &report.scope, file, line: *line },
                message,
            );
        }
    }
}

/// Prints the findings that this process has not printed before: a job runner has a scope for each job.
fn warn_once_each(report: &Report) {
    type Place = (FindingKind, String, String, u32);
    static PRINTED: Mutex<BTreeSet<Place>> = Mutex::new(BTreeSet::new());
    for finding in &report.findings {
        let place = (finding.kind, report.scope.clone(), finding.file.clone(), finding.line);
        if lock(&PRINTED).insert(place) {
            warn(format_args!("scope `{}`: {finding}", report.scope));
        }
    }
}

// A panic in user code does not break it: its locks are not held while foreign code runs, and its counts end on unwind.
impl std::panic::UnwindSafe for Scope {}
impl std::panic::RefUnwindSafe for Scope {}

impl std::fmt::Debug for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scope")
            .field("name", &self.handle.state.name().text())
            .field("opened_at", &format_args!("{}", self.handle.state.opened_at()))
            .finish_non_exhaustive()
    }
}
