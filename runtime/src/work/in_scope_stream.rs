//! `InScopeStream`: a stream that is polled and dropped with the scopes and the span of a pass current.

use crate::base::trace::Span;
use crate::call::context::Context;
use futures_core::Stream;
use std::pin::Pin;
use std::task::{self, Poll};

pub(crate) struct InScopeStream<S> {
    /// Boxed, once for each pass: a pin projection would cost `unsafe` or a dependency.
    stream: Option<Pin<Box<S>>>,
    context: Context,
    span: Span,
}

impl<S> InScopeStream<S> {
    pub(crate) fn new(stream: S, context: &Context, span: &Span) -> Self {
        InScopeStream { stream: Some(Box::pin(stream)), context: context.clone(), span: span.clone() }
    }
}

impl<S: Stream> InScopeStream<S> {
    pub(crate) fn poll_next(&mut self, cx: &mut task::Context<'_>) -> Poll<Option<S::Item>> {
        let Some(stream) = &mut self.stream else { return Poll::Ready(None) };
        let _current = self.context.enter();
        let _span = self.span.enter();
        stream.as_mut().poll_next(cx)
    }
}

impl<S> Drop for InScopeStream<S> {
    fn drop(&mut self) {
        let _current = self.context.enter();
        let _span = self.span.enter();
        self.stream = None;
    }
}
