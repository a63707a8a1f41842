//! What every room uses: synchronization, locks, the clock, warnings and helpers for messages.

pub(crate) mod clock;
pub(crate) mod lock;
pub(crate) mod sync;
pub(crate) mod task;
pub(crate) mod text;
pub(crate) mod warn;
