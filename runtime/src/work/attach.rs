//! `Attached`: a future that is polled and dropped with a scope current.

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

/// A future that is polled and dropped with a scope current, from [`ScopeHandle::attach`](crate::ScopeHandle::attach).
///
/// ```
/// use concurrency_probe::{Attached, Scope};
///
/// let install = Scope::open("install");
/// let download: Attached<_> = install.attach(async { 7 });
/// assert_eq!(futures::executor::block_on(download), 7);
/// ```
///
/// # Panics
///
/// If it is polled again after it was ready.
#[must_use = "futures do nothing unless polled"]
pub struct Attached<F> {
    /// Boxed, once for each attached future: a pin projection would cost `unsafe` or a dependency.
    future: Option<Pin<Box<F>>>,
    scope: Arc<ScopeState>,
    /// The batch that counts its calls. `None`: the batch that is current around it.
    batch: Option<Arc<Batch>>,
    /// Current where that batch is.
    span: BatchSpan,
    home: Option<Box<Home>>,
    /// The context around the last poll, and `context`: the same with the scope. They are kept because the next poll mostly has the same.
    around: Context,
    context: Context,
    /// Tells the hold that this future may still make calls. `None` when it is ready.
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
    /// Drops the future with the scope current: its locals may make calls when they are dropped.
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

// As for `Scope`, if the future itself is unwind safe.
impl<F: std::panic::UnwindSafe> std::panic::UnwindSafe for Attached<F> {}
impl<F: std::panic::RefUnwindSafe> std::panic::RefUnwindSafe for Attached<F> {}

impl<F> std::fmt::Debug for Attached<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Attached").field("scope", &self.scope.name().text()).finish_non_exhaustive()
    }
}
