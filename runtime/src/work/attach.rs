//! `Attached`: a future during whose polls a scope is current.

use crate::book::batch::Batch;
use crate::call::context::Context;
use crate::verdict::hold::task_watch::TaskWatch;
use crate::work::batch_span::BatchSpan;
use crate::work::home::Home;
use crate::work::state::ScopeState;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{self, Poll};

/// A future during whose polls a scope is current, and while it is dropped; see
/// [`ScopeHandle::attach`](crate::ScopeHandle::attach).
///
/// ```
/// use concurrency_probe::{Attached, Scope};
///
/// let install = Scope::open("install");
/// let download: Attached<_> = install.attach(async { 7 });
/// assert_eq!(futures::executor::block_on(download), 7);
/// ```
#[must_use = "futures do nothing unless polled"]
pub struct Attached<F> {
    /// Boxed, once for each attached future: a pin projection would cost `unsafe` or a dependency.
    future: Option<Pin<Box<F>>>,
    scope: Arc<ScopeState>,
    /// What its calls are counted in, if not in the batch that is current around it.
    batch: Option<Arc<Batch>>,
    /// Current where that batch is.
    span: BatchSpan,
    home: Option<Box<Home>>,
    /// What was current around the last poll, and that with the scope: mostly the same in the next.
    around: Context,
    context: Context,
    /// Until it is ready, it may still call what is held.
    watch: Option<TaskWatch>,
}

impl<F> Attached<F> {
    pub(crate) fn new(
        scope: &Arc<ScopeState>,
        batch: Option<&Arc<Batch>>,
        home: Option<&Home>,
        future: F,
        is_exclusive: bool,
    ) -> Self {
        let around = Context::current();
        Attached {
            future: Some(Box::pin(future)),
            scope: Arc::clone(scope),
            batch: batch.cloned(),
            span: BatchSpan::default(),
            context: scope.context(&around, batch.map(|batch| &**batch), home),
            home: home.cloned().map(Box::new),
            around,
            watch: scope.hold().map(|hold| TaskWatch::new(hold, is_exclusive)),
        }
    }

    /// The same, with the span of its batch.
    pub(crate) fn in_span(mut self, span: &BatchSpan) -> Self {
        self.span = span.clone();
        self
    }
}

impl<F: Future> Future for Attached<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<F::Output> {
        let this = &mut *self;
        let future = this.future.as_mut().expect("an attached future that is done is not polled again");
        if Context::with_current(|current| current.is(&this.around)) != Some(true) {
            this.around = Context::current();
            this.context = this.scope.context(&this.around, this.batch.as_deref(), this.home.as_deref());
        }
        let (context, span) = (&this.context, &this.span);
        let mut poll = |cx: &mut task::Context<'_>| {
            let _current = context.enter();
            let _span = span.enter();
            future.as_mut().poll(cx)
        };
        let result = match &mut this.watch {
            None => poll(cx),
            Some(watch) => {
                let _way = watch.way();
                watch.poll(cx, poll)
            }
        };
        if result.is_ready() {
            this.watch = None;
            this.drop_future();
        }
        result
    }
}

impl<F> Attached<F> {
    /// What its locals do when they are dropped is the scope's too.
    fn drop_future(&mut self) {
        if let Some(future) = self.future.take() {
            let _current = self.context.enter();
            let _span = self.span.enter();
            drop(future);
        }
    }
}

impl<F> Drop for Attached<F> {
    fn drop(&mut self) {
        self.drop_future();
    }
}

// As for `Scope`; the future is its own matter.
impl<F: std::panic::UnwindSafe> std::panic::UnwindSafe for Attached<F> {}
impl<F: std::panic::RefUnwindSafe> std::panic::RefUnwindSafe for Attached<F> {}

impl<F> std::fmt::Debug for Attached<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Attached").field("scope", &self.scope.name().text()).finish_non_exhaustive()
    }
}
