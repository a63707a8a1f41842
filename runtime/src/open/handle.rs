//! `ScopeHandle`: all methods of a scope except passes, usable from any thread.

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

/// A handle to a scope, from [`Scope::handle`](crate::Scope::handle).
///
/// It makes the scope current on other threads and in tasks, takes readings, counts metrics and times phases. It cannot start a
/// pass. It may outlive the scope. Calls that were in flight when the scope closed still end in its readings.
///
/// A [`Scope`](crate::Scope) and a [`Batch`](crate::Batch) have these methods too.
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
    /// The batch that counts the calls. `None`: the batch that is current where they are made.
    pub(crate) batch: Option<Arc<Batch>>,
    /// Tells the hold that this handle exists. `None` for the handle that the scope has itself.
    given: Option<Given>,
    /// The pass, offload or batch in which the handle was taken.
    home: Option<Box<Home>>,
    /// Current where its batch is.
    span: BatchSpan,
}

impl ScopeHandle {
    /// The handle that a scope has itself.
    pub(crate) fn of_scope(state: Arc<ScopeState>) -> Self {
        ScopeHandle { state, batch: None, given: None, home: None, span: BatchSpan::default() }
    }

    /// A handle for the user, who may take it to any thread.
    pub(crate) fn given(state: &Arc<ScopeState>) -> Self {
        ScopeHandle { given: state.hold().map(Given::new), ..ScopeHandle::of_scope(Arc::clone(state)) }
    }

    /// A handle whose calls are counted in this batch.
    pub(crate) fn labelled(state: &Arc<ScopeState>, batch: Arc<Batch>) -> Self {
        let span = BatchSpan::new(state, &batch);
        ScopeHandle { batch: Some(batch), span, ..ScopeHandle::given(state) }
    }

    /// Tells the hold that the handle is used on this thread.
    fn used(&self) {
        if let Some(given) = &self.given {
            given.used();
        }
    }

    /// A handle to the innermost scope of this name that is current on this thread, or `None` if no such scope is current.
    ///
    /// It is for code that has no [`Scope`](crate::Scope) as a parameter, and gives work to other threads or tasks. The calls that are made
    /// through the handle are counted in the batch that is current here.
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

    /// Runs `f` with the scope current, always on this thread, also if the scope has a pool. So `f` need not be `Send`.
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

    /// A future that polls `future` with the scope current. The scope is also current while `future` is dropped. The thread may be a different
    /// one each time.
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
    /// In a scope with a hold, [`Scope::attach_exclusive`](crate::Scope::attach_exclusive) gives a verdict sooner.
    ///
    /// A future that runs passes borrows the scope. Attach it through a handle:
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
    ///
    /// # Panics
    ///
    /// The returned future panics if it is polled again after it was ready.
    pub fn attach<F: Future>(&self, future: F) -> Attached<F> {
        self.used();
        let attached = Attached::new(&self.state, self.batch.as_ref(), self.home.as_deref(), future, false);
        attached.in_span(&self.span)
    }

    /// The counts of the probe of this name in this scope, as they are now.
    ///
    /// A probe that was never entered reads 0, and so does a name that no probe has. An assertion such as
    /// [`assert_concurrent`](Reading::assert_concurrent) fails for both, and says which of the two it is.
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
    /// If two different probes of this name were entered in this scope, because a sum of both would be a reading of neither. A probe is one
    /// place in the program. Probes whose names were written by hand (`name = ".."`, `enter!`) are one probe if their names are equal and they
    /// are of one kind: synchronous, async, or async with `polls`.
    #[track_caller]
    pub fn reading(&self, probe: &str) -> Reading {
        self.state.reading(probe)
    }

    /// Adds `n` to a metric of this run. The sum stops at `u64::MAX`. The report has the metrics as
    /// [`counts`](crate::Report::counts).
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

    /// Times a span of the run, from now until the returned [`Phase`] is dropped. The report has the sum for each name, in nanoseconds.
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

    /// Everything that the scope has counted, timed and found until now, as data.
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
