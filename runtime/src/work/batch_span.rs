//! `BatchSpan`: what a subscriber is told of a labelled batch, from when a handle gets the label until nobody has that handle any
//! longer. Nothing without the feature `tracing`.

use crate::base::trace::Entered;
#[cfg(feature = "tracing")]
use crate::base::trace::Span;
use crate::book::batch::Batch;
use crate::work::state::ScopeState;
use std::sync::Arc;

/// The span of one labelled handle and its clones; or none, of a handle without a label.
#[derive(Clone, Default)]
pub(crate) struct BatchSpan(#[cfg(feature = "tracing")] Option<Arc<Open>>);

#[cfg(feature = "tracing")]
impl BatchSpan {
    /// A label is given to a handle.
    pub(crate) fn new(scope: &Arc<ScopeState>, batch: &Arc<Batch>) -> Self {
        let span = Span::batch(&batch.place.label, batch.place.traced(scope.name().text()));
        BatchSpan(Some(Arc::new(Open { span, batch: Arc::clone(batch), _scope: Arc::clone(scope) })))
    }

    /// It is current on this thread until this is dropped.
    pub(crate) fn enter(&self) -> Option<Entered<'_>> {
        self.0.as_ref().map(|open| open.span.enter())
    }
}

#[cfg(not(feature = "tracing"))]
impl BatchSpan {
    pub(crate) fn new(_scope: &Arc<ScopeState>, _batch: &Arc<Batch>) -> Self {
        BatchSpan()
    }

    #[expect(clippy::unused_self, reason = "as the span that there is with the feature")]
    pub(crate) fn enter(&self) -> Entered<'_> {
        Entered::default()
    }
}

#[cfg(feature = "tracing")]
struct Open {
    span: Span,
    batch: Arc<Batch>,
    /// Keeps the board of the batch, which is read at the end.
    _scope: Arc<ScopeState>,
}

#[cfg(feature = "tracing")]
impl Drop for Open {
    fn drop(&mut self) {
        let (mut calls, mut max_in_flight, mut max_concurrent) = (0, 0, 0);
        for counts in self.batch.board.all().map(crate::call::gauge::Gauge::counts) {
            calls += counts.calls;
            max_in_flight = max_in_flight.max(counts.max_in_flight as u64);
            max_concurrent = max_concurrent.max(counts.max_threads as u64);
        }
        self.span.measured([
            ("calls", calls),
            ("max_in_flight", max_in_flight),
            ("max_concurrent", max_concurrent),
        ]);
    }
}
