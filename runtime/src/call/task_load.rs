//! How many futures of `polls` probes each task has in flight. It tells whether a poll that blocks keeps other futures of the task from being polled.
//!
//! A task is identified by tokio's number for it. The root future of `block_on`, and tasks of other executors, are identified by the
//! thread of their first poll. Numbers are given one after another. Two tasks that are alive at the same time share a counter only if their
//! numbers differ by a multiple of 4096.

use std::cell::Cell;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

const COUNTERS: usize = 4096;

static TASKS: [AtomicU32; COUNTERS] = [const { AtomicU32::new(0) }; COUNTERS];
static THREADS: [AtomicU32; COUNTERS] = [const { AtomicU32::new(0) }; COUNTERS];

thread_local! {
    static NUMBER: Cell<Option<usize>> = const { Cell::new(None) };
}

/// The counter of the task that is polled on this thread.
fn counter() -> &'static AtomicU32 {
    match task_number() {
        Some(number) => &TASKS[number % COUNTERS],
        None => &THREADS[thread_number() % COUNTERS],
    }
}

fn thread_number() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    NUMBER.get().unwrap_or_else(|| {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        NUMBER.set(Some(number));
        number
    })
}

/// tokio's number for the task that runs on this thread.
#[cfg(feature = "tokio")]
fn task_number() -> Option<usize> {
    use std::hash::{Hash as _, Hasher};

    /// tokio gives the number of a task only to a hasher.
    #[derive(Default)]
    struct Number(u64);

    impl Hasher for Number {
        fn finish(&self) -> u64 {
            self.0
        }

        fn write(&mut self, bytes: &[u8]) {
            for byte in bytes {
                self.0 = self.0 << 8 | u64::from(*byte);
            }
        }

        fn write_u64(&mut self, number: u64) {
            self.0 = number;
        }
    }

    let mut number = Number::default();
    tokio::task::try_id()?.hash(&mut number);
    usize::try_from(number.finish() % COUNTERS as u64).ok()
}

#[cfg(not(feature = "tokio"))]
fn task_number() -> Option<usize> {
    None
}

/// A future in flight, of the task that polled it first.
pub(crate) struct Loaded(&'static AtomicU32);

impl Loaded {
    /// `Relaxed`, as in the drop, because the count is compared only with what the same task has done.
    pub(crate) fn begin() -> Self {
        let counter = counter();
        counter.fetch_add(1, Ordering::Relaxed);
        Loaded(counter)
    }
}

impl Drop for Loaded {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// How many futures of `polls` probes the task on this thread has in flight.
pub(crate) fn in_flight() -> u32 {
    counter().load(Ordering::Relaxed)
}
