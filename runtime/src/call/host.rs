//! `Host`: what a call asks its scope. Used only on slow paths.

use crate::call::board::Board;
use crate::call::gauge::Gauge;
use crate::call::key::Key;
use std::any::Any;
use std::sync::Arc;
use std::task::{Context, Poll};

/// The batch and the pass in which a call is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Visit {
    /// The number of the batch. 0 is the batch of the calls outside of all others.
    pub(crate) batch: u32,
    /// The number of the pass in this process. 0 if the call is in no pass.
    pub(crate) pass: u64,
}

/// A scope, as the code of a call sees it.
pub(crate) trait Host: Any + Send + Sync {
    /// Whether a probe of this name is held.
    fn holds(&self, probe: &str) -> bool;

    /// A call was counted on a gauge that is held. Its thread waits here if it must. `waits` is called before it waits.
    fn hold_thread(&self, probe: &'static str, gauge: &'static Gauge, visit: Visit, waits: &mut dyn FnMut());

    /// A future was counted on a gauge that is held. Returns what it must wait for, if it must wait.
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

    /// The board that its ground stands for now, and its batch and pass.
    fn ground(&self) -> (&'static Board, Visit);

    /// The scope itself, for code that knows its type.
    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync>;
}

/// The wait of a future in a hold. Dropping it ends the wait.
pub(crate) trait Held: Send + Sync {
    /// Ready when the future may go on.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()>;
}
