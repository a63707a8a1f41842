//! `Attached`: a future during whose polls a scope is current.

use crate::context::Context;
use crate::hold::Token;
use crate::shared::Shared;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{self, Poll};

/// A future during whose polls a scope is current; see [`Scope::attach`](crate::Scope::attach).
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
    future: Pin<Box<F>>,
    scope: Arc<Shared>,
    /// What was current around the last poll, and that with the scope: mostly the same in the next.
    around: Context,
    context: Context,
    /// Until it is ready, an attached future may still call whatever is held.
    source: Option<Token>,
}

impl<F> Attached<F> {
    pub(crate) fn new(scope: &Arc<Shared>, future: F) -> Self {
        let around = Context::current();
        Attached {
            future: Box::pin(future),
            scope: Arc::clone(scope),
            context: around.and(scope),
            around,
            source: scope.source(),
        }
    }
}

impl<F: Future> Future for Attached<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<F::Output> {
        let this = &mut *self;
        if Context::with_current(|current| current.is(&this.around)) != Some(true) {
            this.around = Context::current();
            this.context = this.around.and(&this.scope);
        }
        let poll = {
            let _current = this.context.enter();
            this.future.as_mut().poll(cx)
        };
        if poll.is_ready() {
            this.source = None;
        }
        poll
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
