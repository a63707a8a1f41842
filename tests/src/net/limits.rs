//! `Limits`: what a request may take.

use std::time::Duration;

/// What a request may take. The times are of one attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Until a connection is there, with its name looked up and its TLS agreed on. Default: 10 s.
    pub connect: Duration,
    /// Until the head of the answer is there, connecting included. Default: 30 s.
    pub first_byte: Duration,
    /// For how long no byte of the body may come. Default: 30 s.
    pub stall: Duration,
    /// For the whole of a body that is read as a whole, however steadily it comes. Default: 10 min.
    pub whole: Duration,
    /// The most bytes of a body that is read as a whole. Default: 1 GiB.
    pub max_bytes: u64,
    /// How often to try again. Default: 2.
    pub retries: usize,
    /// How long to wait before the first retry; twice that before the second, and so on, up to a minute. Default: 100 ms.
    pub backoff_base: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            connect: Duration::from_secs(10),
            first_byte: Duration::from_secs(30),
            stall: Duration::from_secs(30),
            whole: Duration::from_secs(600),
            max_bytes: 1 << 30,
            retries: 2,
            backoff_base: Duration::from_millis(100),
        }
    }
}
