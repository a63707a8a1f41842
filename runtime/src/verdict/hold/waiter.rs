//! `Waiter`: a thread that waits in a hold.

use crate::base::sync::atomic::AtomicBool;
use crate::call::gauge::Gauge;
use crate::verdict::hold::call::Call;
use crate::verdict::hold::ways::Ways;
use std::sync::Arc;

/// A thread that waits.
pub(super) struct Waiter {
    pub(super) id: u64,
    pub(super) group: u64,
    pub(super) entry: u64,
    /// Its index in the scope's own pool.
    pub(super) worker: Option<usize>,
    /// Whether its queue is empty.
    pub(super) flushed: Arc<AtomicBool>,
    /// The ways into the scope that are on its stack.
    pub(super) ways: Ways,
    pub(super) call: WaitingCall,
}

/// The part of a [`Call`] that is needed while it waits.
pub(super) struct WaitingCall {
    pub(super) gauge: &'static Gauge,
    pub(super) may_be_a_leaf: bool,
    pub(super) piece: u64,
    pub(super) is_on_top: bool,
}

impl From<Call<'_>> for WaitingCall {
    fn from(call: Call<'_>) -> Self {
        WaitingCall {
            gauge: call.gauge,
            may_be_a_leaf: call.may_be_a_leaf,
            piece: call.piece,
            is_on_top: call.is_on_top,
        }
    }
}
