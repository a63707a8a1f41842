//! `ScopeHandle`: everything of a scope but its passes, from anywhere.

use crate::book::batch::Batch;
use crate::book::report::Report;
use crate::call::context::Context;
use crate::call::inside;
use crate::call::name::Name;
use crate::open::phase::Phase;
use crate::verdict::hold::given::Given;
use crate::verdict::hold::holder::Hold;
use crate::verdict::hold::ways::WayIn;
use crate::verdict::reading::Reading;
use crate::work::attach::Attached;
use crate::work::batch_span::BatchSpan;
use crate::work::home::Home;
use crate::work::state::ScopeState;
use std::borrow::Cow;
use std::future::Future;
use std::sync::Arc;

/// A handle to a scope: carries it to threads and tasks, takes readings, counts metrics and times phases, and starts no
/// pass. It may outlive the scope; calls that were in flight when the scope closed still end in its readings.
///
/// A [`Scope`](crate::Scope) does all of this too, and so does a [`Batch`](crate::Batch).
///
/// ```
/// use concurrency_probe::{Scope, concurrency_probe};
///
/// #[concurrency_probe(scope = "install")]
/// fn unpack() {}
///
/// let install = Scope::open("install");
/// let handle = install.handle();
/// std::thread::spawn(move || handle.run(unpack)).join().unwrap();
/// assert_eq!(install.reading("unpack").calls(), 1);
/// ```
#[derive(Clone)]
pub struct ScopeHandle {
    pub(crate) state: Arc<ScopeState>,
    /// What calls are counted in, if not in the batch that is current where they are made.
    pub(crate) batch: Option<Arc<Batch>>,
    /// Tells a hold that there is a handle; not of the one that a scope has itself.
    given: Option<Given>,
    /// Where it was taken, if in a pass, an offload or a batch.
    home: Option<Box<Home>>,
    /// Current where its batch is.
    span: BatchSpan,
}

impl ScopeHandle {
    /// The handle that a scope has itself.
    pub(crate) fn of_scope(state: Arc<ScopeState>) -> Self {
        ScopeHandle { state, batch: None, given: None, home: None, span: BatchSpan::default() }
    }

    /// A handle that may go anywhere.
    pub(crate) fn given(state: &Arc<ScopeState>) -> Self {
        ScopeHandle { given: state.hold().map(Given::new), ..ScopeHandle::of_scope(Arc::clone(state)) }
    }

    /// One whose calls are counted in a batch.
    pub(crate) fn labelled(state: &Arc<ScopeState>, batch: Arc<Batch>) -> Self {
        let span = BatchSpan::new(state, &batch);
        ScopeHandle { batch: Some(batch), span, ..ScopeHandle::given(state) }
    }

    /// It is used on this thread.
    fn used(&self) {
        if let Some(given) = &self.given {
            given.used();
        }
    }

    /// The innermost scope of this name that is current on this thread: for code that is given no [`Scope`](crate::Scope), and
    /// hands work on to other threads or tasks. What they call is counted in the batch that is current here.
    ///
    /// ```
    /// use concurrency_probe::{Scope, ScopeHandle, concurrency_probe};
    ///
    /// #[concurrency_probe(scope = "install")]
    /// fn unpack() {}
    ///
    /// fn unpack_elsewhere() {
    ///     let here = ScopeHandle::current("install");
    ///     std::thread::spawn(move || match here {
    ///         Some(install) => install.run(unpack),
    ///         None => unpack(),
    ///     });
    /// }
    ///
    /// assert!(ScopeHandle::current("install").is_none());
    /// Scope::open("install").run(|| assert!(ScopeHandle::current("install").is_some()));
    /// # unpack_elsewhere();
    /// ```
    #[must_use]
    pub fn current(name: &str) -> Option<ScopeHandle> {
        let name = Name::all().find(|known| known.text() == name)?;
        let state = ScopeState::current(name)?;
        let home = state.place_here().map(|place| Box::new(Home::new(place, state.hold())));
        Some(ScopeHandle { home, ..ScopeHandle::given(&state) })
    }

    /// Runs `f` with the scope current on this thread, or on a thread of the scope's own pool if it has one.
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
        let context = self.context();
        let hold = self.state.hold();
        let of_opener = hold.is_some_and(|hold| hold.is_opener());
        let on_its_way = hold.map(Hold::job_on_its_way);
        let origin = inside::current_frame();
        let f = || {
            // A worker of the pool may take this up while another `run` waits on its stack.
            let _frame = inside::begin_frame(origin);
            let _way = hold.map(|hold| hold.way(WayIn::Call, of_opener));
            drop(on_its_way);
            let _current = context.enter();
            let _span = self.span.enter();
            f()
        };
        match self.state.own_pool().get() {
            Some(pool) => {
                let _on_pool = self.state.own_pool().runs(self.batch.as_ref());
                pool.install(f)
            }
            None => f(),
        }
    }

    /// Runs `f` with the scope current, on this thread whatever pool the scope has: nothing need be `Send`.
    ///
    /// ```
    /// # use concurrency_probe::{Scope, concurrency_probe};
    /// # #[concurrency_probe(scope = "install")]
    /// # fn unpack(_: &std::cell::Cell<u32>) {}
    /// let install = Scope::builder("install").threads(4).open();
    /// let packages = std::cell::Cell::new(0);
    /// install.in_scope(|| unpack(&packages));
    /// assert_eq!(install.reading("unpack").calls(), 1);
    /// ```
    ///
    /// # Panics
    ///
    /// If `f` panics, with its payload.
    pub fn in_scope<R>(&self, f: impl FnOnce() -> R) -> R {
        let _way = self.state.hold().map(|hold| hold.way(WayIn::Call, hold.is_opener()));
        let _current = self.context().enter();
        let _span = self.span.enter();
        f()
    }

    fn context(&self) -> Context {
        self.used();
        self.state.context(&Context::current(), self.batch.as_deref(), self.home.as_deref())
    }

    /// Makes the scope current during every poll of `future`, and while it is dropped, on whatever thread that is.
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
    ///
    /// In a scope with a hold, [`Scope::attach_exclusive`](crate::Scope::attach_exclusive) has a verdict sooner.
    ///
    /// The future that runs the passes of a scope borrows it, and is attached through a handle:
    ///
    /// ```
    /// # use concurrency_probe::{Scope, concurrency_probe};
    /// # #[concurrency_probe(scope = "install")]
    /// # fn link(_: u32) {}
    /// async fn link_all(install: &mut Scope) {
    ///     install.pass("cold").for_each(0..9, |_lane, slot| link(slot));
    /// }
    ///
    /// let mut install = Scope::open("install");
    /// let handle = install.handle();
    /// futures::executor::block_on(handle.attach(link_all(&mut install)));
    /// ```
    pub fn attach<F: Future>(&self, future: F) -> Attached<F> {
        self.used();
        let attached = Attached::new(&self.state, self.batch.as_ref(), self.home.as_deref(), future, false);
        attached.in_span(&self.span)
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
    /// If two different probes of this name were entered in this scope: a reading of both would be of neither. A probe is one
    /// place in the program. Those whose name was written by hand (`name = ".."`, `enter!`) are one probe if the names are
    /// equal and they count the same.
    #[track_caller]
    pub fn reading(&self, probe: &str) -> Reading {
        self.state.reading(probe)
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
        self.state.books().count(name, n);
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
        Phase::begin(&self.state, name.into())
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
        self.state.report()
    }
}

// As for `Scope`.
impl std::panic::UnwindSafe for ScopeHandle {}
impl std::panic::RefUnwindSafe for ScopeHandle {}

impl std::fmt::Debug for ScopeHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ScopeHandle").field("name", &self.state.name().text()).finish_non_exhaustive()
    }
}
