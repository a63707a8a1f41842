//! What every room uses: synchronization, locks, the clock, warnings, what a subscriber of `tracing` is told, and helpers for messages.

pub(crate) mod clock;
pub(crate) mod lock;
pub(crate) mod sync;
pub(crate) mod task;
pub(crate) mod text;
pub(crate) mod trace;
pub(crate) mod warn;
