//! Guards of the spans that a thread is in. They stay on their thread, so each thread has a list of its own.

use crate::call::entry::Entry;
use crate::call::future_entry::{InFlightPolls, Polling};
use std::cell::RefCell;
use std::sync::Arc;

/// What counts a thread inside of a span until it is dropped.
pub(super) enum Guard {
    /// A call.
    Call { _entry: Entry },
    /// A poll of a future, which is in flight at least as long.
    Poll { _polling: Polling, _in_flight: Arc<InFlightPolls> },
}

/// A span, as the layer with this number has it. The spans of two subscribers may have one number.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct SpanKey {
    pub(super) layer: u64,
    pub(super) span: u64,
}

thread_local! {
    /// Innermost last. What a thread leaves here ends with the thread.
    static GUARDS: RefCell<Vec<(SpanKey, Guard)>> = const { RefCell::new(Vec::new()) };
}

/// The thread is inside of the span. A thread whose storage is gone runs destructors, and is not counted any longer.
pub(super) fn keep(key: SpanKey, guard: Guard) {
    let mut guard = Some((key, guard));
    let _ = GUARDS.try_with(|guards| guards.borrow_mut().extend(guard.take()));
}

/// The thread leaves the span, which need not be the one that it entered last.
pub(super) fn end(key: SpanKey) {
    let left = GUARDS.try_with(|guards| {
        let mut guards = guards.borrow_mut();
        let place = guards.iter().rposition(|(kept, _)| *kept == key)?;
        Some(guards.remove(place))
    });
    // Outside of the borrow.
    drop(left);
}
