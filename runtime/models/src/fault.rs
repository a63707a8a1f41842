//! `Fault`: the operation that is broken in a broken twin.

use std::cell::Cell;

/// The operation that is broken in a broken twin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A `fetch_add` is a load and a store.
    TornAdd,
    /// A `fetch_max` is a load and a store.
    TornMax,
    /// A `compare_exchange` is a load and a store.
    TornExchange,
    /// `Release` is `Relaxed`, in every read-modify-write.
    RelaxedRelease,
    /// `Acquire` is `Relaxed`, in every load.
    RelaxedAcquire,
    /// `SeqCst` is no more than `AcqRel`.
    NoTotalOrder,
    /// A condition variable notifies no thread.
    NoNotification,
    /// A worker reports an empty queue, also if there are jobs in it.
    QueueLooksEmpty,
}

thread_local! {
    static PRESENT: Cell<Option<Fault>> = const { Cell::new(None) };
}

/// Whether this is the broken twin. All threads of a model run on one thread of the system.
pub(crate) fn is(fault: Fault) -> bool {
    PRESENT.get() == Some(fault)
}

pub(crate) fn set(fault: Option<Fault>) {
    PRESENT.set(fault);
}
