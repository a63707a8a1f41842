//! `Row`: spans of which each is inside of another one, or beside it.

use concurrency_probe::Span;
use std::cmp::Reverse;

/// A row of spans that nest: each is inside of the one that is open, or begins when that has ended.
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

    /// Whether a span nests here: what has ended when it begins is closed, and what is open lasts at least as long.
    pub(super) fn has_room(&self, span: &Span) -> bool {
        let outer = self.open.iter().rev().find(|outer| end(outer) > span.start_ns);
        outer.is_none_or(|outer| end(span) <= end(outer))
    }

    /// Opens a span, after [`Row::close`].
    pub(super) fn open(&mut self, span: &'a Span) {
        self.open.push(span);
    }
}

/// When a span ends: not before it begins, whatever is reported.
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
