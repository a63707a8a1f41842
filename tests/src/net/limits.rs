//! `Limits`: what a request may take.

use std::time::Duration;

/// What a request may take. The times are of one attempt.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Until a connection is there, with its name looked up and its TLS agreed on. Default: 10 s.
    pub connect: Duration,
    /// Until the head of the answer is there, connecting included. Default: 60 s.
    pub first_byte: Duration,
    /// For how long no byte of the body may come. Default: 60 s.
    pub stall: Duration,
    /// For the whole of a body that is read as a whole, however steadily it comes. Default: 10 min.
    pub whole: Duration,
    /// The most bytes of a body that is read as a whole. Default: 1 GiB.
    pub max_bytes: u64,
    /// How often to try again. Default: 2.
    pub retries: usize,
    /// How long to wait before the first retry. Default: 10 s.
    pub retry_min: Duration,
    /// What each wait is multiplied by for the next one. Default: 10.
    pub retry_factor: f64,
    /// The longest wait, also of those that a server asks for. Default: 60 s.
    pub retry_max: Duration,
}

/// The times and retries are pnpm's own defaults (`fetch-timeout`, `fetch-retries` and so on,
/// <https://pnpm.io/settings#request-settings>): it waits 10 s, then 60 s.
impl Default for Limits {
    fn default() -> Self {
        Limits {
            connect: Duration::from_secs(10),
            first_byte: Duration::from_secs(60),
            stall: Duration::from_secs(60),
            whole: Duration::from_secs(600),
            max_bytes: 1 << 30,
            retries: 2,
            retry_min: Duration::from_secs(10),
            retry_factor: 10.0,
            retry_max: Duration::from_secs(60),
        }
    }
}

impl Limits {
    /// How long to wait before each retry, where the server does not say. Without jitter, so that a run can be repeated: an
    /// installer is one client, and its requests differ enough.
    pub(super) fn waits(self) -> impl Iterator<Item = Duration> + Send + Sync + Unpin {
        let mut next = self.retry_min.as_secs_f64();
        (0..self.retries).map(move |_| {
            // What is too large for a duration is longer than the longest wait too.
            let wait = Duration::try_from_secs_f64(next).unwrap_or(self.retry_max);
            next *= self.retry_factor;
            wait.min(self.retry_max)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Limits;
    use std::time::Duration;

    #[test]
    fn waits_grow_up_to_the_longest() {
        for (retries, min_ms, factor, max_ms, expected_ms) in [
            (2, 10_000, 10.0, 60_000, &[10_000, 60_000][..]),
            (0, 10_000, 10.0, 60_000, &[]),
            (4, 100, 2.0, 60_000, &[100, 200, 400, 800]),
            (3, 100, 1.0, 60_000, &[100, 100, 100]),
            (2, 0, 10.0, 60_000, &[0, 0]),
            (2, 70_000, 10.0, 60_000, &[60_000, 60_000]),
            (3, 1, 1e300, 60_000, &[1, 60_000, 60_000]),
            (3, 0, 1e300, 0, &[0, 0, 0]),
        ] {
            let limits = Limits {
                retries,
                retry_min: Duration::from_millis(min_ms),
                retry_factor: factor,
                retry_max: Duration::from_millis(max_ms),
                ..Limits::default()
            };
            let waits: Vec<_> = limits.waits().map(|wait| wait.as_millis()).collect();
            assert_eq!(waits, expected_ms, "{limits:?}");
        }
    }
}
