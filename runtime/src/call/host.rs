//! `Host`: what a call asks of the scope that counts it, on its slow ways only.

use crate::call::board::Board;
use crate::call::gauge::Gauge;
use crate::call::key::Key;
use std::any::Any;
use std::sync::Arc;
use std::task::{Context, Poll};

/// Where in its scope a call is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Visit {
    /// The batch, by its number; 0 is what is outside of all others.
    pub(crate) batch: u32,
    /// The pass under way, by its number in this process; 0 if there is no pass.
    pub(crate) pass: u64,
}

/// A scope, as the calls that it counts see it.
pub(crate) trait Host: Any + Send + Sync {
    /// Whether a probe of this name is held.
    fn holds(&self, probe: &str) -> bool;

    /// A call was counted on a gauge that is held, and its thread may have to wait. `waits` is called before it does.
    fn hold_thread(&self, probe: &'static str, gauge: &'static Gauge, visit: Visit, waits: &mut dyn FnMut());

    /// A future was counted on a gauge that is held: what it has to wait for, if it has to.
    fn hold_future(
        self: Arc<Self>,
        probe: &'static str,
        gauge: &'static Gauge,
        visit: Visit,
    ) -> Option<Box<dyn Held>>;

    /// A call of `probe` was counted inside a poll of `poll`.
    ///
    /// # Panics
    ///
    /// In a strict scope.
    fn on_call_in_poll(&self, poll: Key, probe: Key);

    /// The board that its ground stands for now, and where in the scope that is.
    fn ground(&self) -> (&'static Board, Visit);

    /// The scope itself, for those who know what it is.
    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync>;
}

/// A future's wait in a hold. Dropping it gives the wait up.
pub(crate) trait Held: Send + Sync {
    /// Ready when the future may go on.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()>;
}
