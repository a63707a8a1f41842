//! `Row`: spans that nest.

use concurrency_probe::Span;
use std::cmp::Reverse;

/// A row of spans that nest: each is inside of the open one, or begins after its end.
#[derive(Debug, Default)]
pub(super) struct Row<'a> {
    open: Vec<&'a Span>,
}

impl<'a> Row<'a> {
    /// Closes what has ended at this time, the innermost first.
    pub(super) fn close(&mut self, at: u64) -> Vec<&'a Span> {
        let mut closed = Vec::new();
        while let Some(span) = self.open.pop_if(|span| end(span) <= at) {
            closed.push(span);
        }
        closed
    }

    /// Whether a span nests here: after ended spans are closed, the open one must last at least as long as this one.
    pub(super) fn has_room(&self, span: &Span) -> bool {
        let outer = self.open.iter().rev().find(|outer| end(outer) > span.start_ns);
        outer.is_none_or(|outer| end(span) <= end(outer))
    }

    /// Opens a span, after [`Row::close`].
    pub(super) fn open(&mut self, span: &'a Span) {
        self.open.push(span);
    }
}

/// The end of a span, which is never before its beginning, even if the report says so.
pub(super) fn end(span: &Span) -> u64 {
    span.end_ns.max(span.start_ns)
}

/// In the order in which spans are opened. Of two with the same times the outer one is that which a timeline has first: it has them in
/// the order in which they began.
pub(super) fn in_order<'a>(spans: impl Iterator<Item = &'a Span>) -> Vec<&'a Span> {
    let mut spans: Vec<_> = spans.enumerate().collect();
    spans.sort_by_key(|(at, span)| (span.start_ns, Reverse(end(span)), *at));
    spans.into_iter().map(|(_, span)| span).collect()
}
