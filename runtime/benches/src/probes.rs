//! The probes that are compared: the same function, which does nothing, with each of them.

use concurrency_probe::concurrency_probe;
use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex};

/// A call, and nothing else.
#[inline(never)]
pub fn plain(n: u64) -> u64 {
    black_box(n)
}

/// Ours.
#[inline(never)]
#[concurrency_probe(scope = "costs")]
pub fn probed(n: u64) -> u64 {
    black_box(n)
}

/// Ours, on a future, with `polls`: it also counts the threads that poll.
#[concurrency_probe(scope = "costs", polls)]
pub async fn polled(n: u64) -> u64 {
    black_box(n)
}

/// Ours, on a future.
#[concurrency_probe(scope = "costs")]
pub async fn probed_future(n: u64) -> u64 {
    black_box(n)
}

/// A future, and nothing else.
pub async fn plain_future(n: u64) -> u64 {
    black_box(n)
}

/// The cheapest code that counts calls in flight and their peak: `fetch_add`, rarely `fetch_max`, `fetch_sub`.
#[derive(Default)]
#[repr(align(64))]
pub struct Bare {
    in_flight: AtomicU64,
    peak: AtomicU64,
}

struct BareGuard<'a>(&'a Bare);

impl Bare {
    #[inline]
    fn enter(&self) -> BareGuard<'_> {
        let seen = self.in_flight.fetch_add(1, Ordering::Relaxed) + 1;
        if seen > self.peak.load(Ordering::Relaxed) {
            self.peak.fetch_max(seen, Ordering::Relaxed);
        }
        BareGuard(self)
    }
}

impl Drop for BareGuard<'_> {
    #[inline]
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Release);
    }
}

static BARE: Bare = Bare { in_flight: AtomicU64::new(0), peak: AtomicU64::new(0) };

/// The bare pair.
#[inline(never)]
pub fn bare(n: u64) -> u64 {
    let _entry = BARE.enter();
    black_box(n)
}

/// A probe that notifies a condition variable at each exit, so that a test can wait for it. It takes a lock.
struct Notifying {
    in_flight: Mutex<u64>,
    changed: Condvar,
}

struct NotifyingGuard<'a>(&'a Notifying);

static NOTIFYING: Notifying = Notifying { in_flight: Mutex::new(0), changed: Condvar::new() };

impl Drop for NotifyingGuard<'_> {
    fn drop(&mut self) {
        *self.0.in_flight.lock().expect("nobody panics") -= 1;
        self.0.changed.notify_all();
    }
}

/// The probe that notifies.
#[inline(never)]
pub fn notifying(n: u64) -> u64 {
    *NOTIFYING.in_flight.lock().expect("nobody panics") += 1;
    let _entry = NotifyingGuard(&NOTIFYING);
    black_box(n)
}

/// metered, with its gauge of calls in flight.
#[derive(Default)]
pub struct Metered {
    metrics: MeteredRegistry,
}

#[metered::metered(registry = MeteredRegistry)]
impl Metered {
    #[inline(never)]
    #[measure(metered::InFlight)]
    pub fn call(&self, n: u64) -> u64 {
        black_box(n)
    }
}

/// tracing, without a subscriber.
#[inline(never)]
#[tracing::instrument(skip_all)]
pub fn traced(n: u64) -> u64 {
    black_box(n)
}

/// fastrace, without a parent.
#[inline(never)]
#[fastrace::trace]
pub fn fastraced(n: u64) -> u64 {
    black_box(n)
}

/// hotpath, without a guard that collects.
#[inline(never)]
#[hotpath::measure]
pub fn hotpathed(n: u64) -> u64 {
    black_box(n)
}

/// autometrics, with calls in flight.
#[inline(never)]
#[autometrics::autometrics(track_concurrency)]
pub fn autometered(n: u64) -> u64 {
    black_box(n)
}
