//! The clock.

use std::time::Duration;

#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
pub(crate) use std::time::Instant;

/// A clock for a target that has none (`wasm32-unknown-unknown`, where the clock of `std` panics). No time passes on it.
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Instant;

#[cfg(all(target_family = "wasm", target_os = "unknown"))]
impl Instant {
    pub(crate) fn now() -> Self {
        Instant
    }

    pub(crate) fn elapsed(self) -> Duration {
        Duration::ZERO
    }

    pub(crate) fn saturating_duration_since(self, _earlier: Instant) -> Duration {
        Duration::ZERO
    }
}

#[cfg(all(target_family = "wasm", target_os = "unknown"))]
impl std::ops::Add<Duration> for Instant {
    type Output = Instant;

    fn add(self, _later: Duration) -> Instant {
        self
    }
}

/// A duration in nanoseconds. At most `u64::MAX`, which is 584 years.
pub(crate) fn ns(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
