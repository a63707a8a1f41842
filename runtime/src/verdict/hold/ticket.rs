//! `Ticket`: a future that waits in a hold.

use crate::call::gauge::Gauge;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::Waker;

/// A future that is held.
pub(super) struct Ticket {
    pub(super) id: u64,
    pub(super) group: u64,
    pub(super) entry: u64,
    pub(super) gauge: &'static Gauge,
    pub(super) waker: Option<Waker>,
}

/// Wakes all of them. A waker is foreign code. If one panics, the panic hook reports it, and the others are still woken.
pub(super) fn wake_all(wakers: Vec<Waker>) {
    for waker in wakers {
        if let Err(payload) = catch_unwind(AssertUnwindSafe(|| waker.wake())) {
            // Its drop might panic again.
            std::mem::forget(payload);
        }
    }
}
