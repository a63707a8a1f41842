//! `Event`: what comes while a process runs.

use std::time::Duration;

/// What comes while a process runs.
#[derive(Clone, Copy, Debug)]
pub(super) enum Event {
    /// It has come to its end, so long after it was started.
    Ended(Duration),
    /// The gate was told to end, by this signal.
    Signal(i32),
}
