//! What a pass measures of itself: how many lanes ran at once, for how long, and what came of the items.

use crate::lock;
use std::cell::RefCell;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// Spans that a timeline keeps for each pass: 24 bytes each.
const MAX_SPANS: usize = 65_536;

/// The clock and the counts of one pass. Lanes start and stop here once for each rayon leaf, not for each item.
pub(crate) struct Meter {
    id: u64,
    started: Instant,
    levels: Mutex<Levels>,
    items: AtomicU64,
    completed: AtomicU64,
    spans: Option<Mutex<Spans>>,
}

struct Levels {
    running: usize,
    since: Instant,
    /// Nanoseconds by the number of threads that were in a lane.
    ns: Vec<u64>,
}

#[derive(Default)]
struct Spans {
    kept: Vec<Span>,
    left_out: u64,
}

/// One item on its thread, in nanoseconds since the pass began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) thread: usize,
    pub(crate) start_ns: u64,
    pub(crate) end_ns: u64,
}

/// What a pass measured, once it is over.
#[derive(Debug)]
pub(crate) struct Measured {
    pub(crate) items: u64,
    pub(crate) completed: u64,
    pub(crate) levels_ns: Vec<u64>,
    pub(crate) spans: Vec<Span>,
    pub(crate) spans_left_out: u64,
}

thread_local! {
    /// The passes this thread has a lane of. A lane that waits may run another of the same pass: one thread.
    static ON_THREAD: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
}

impl Meter {
    pub(crate) fn new(timeline: bool) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let started = Instant::now();
        Meter {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            started,
            levels: Mutex::new(Levels { running: 0, since: started, ns: Vec::new() }),
            items: AtomicU64::new(0),
            completed: AtomicU64::new(0),
            spans: timeline.then(Mutex::default),
        }
    }

    /// This thread runs a lane until the guard is dropped.
    pub(crate) fn start(&self) -> Running<'_> {
        let first = ON_THREAD
            .try_with(|passes| {
                let mut passes = passes.borrow_mut();
                let first = !passes.contains(&self.id);
                if first {
                    passes.push(self.id);
                }
                first
            })
            .unwrap_or(false);
        if first {
            self.change(|running| running + 1);
        }
        Running { meter: self, first }
    }

    fn change(&self, next: impl FnOnce(usize) -> usize) {
        let mut levels = lock(&self.levels);
        levels.close();
        levels.running = next(levels.running);
    }

    pub(crate) fn add(&self, items: u64, completed: u64) {
        self.items.fetch_add(items, Ordering::Relaxed);
        self.completed.fetch_add(completed, Ordering::Relaxed);
    }

    /// Whether items are to be timed one by one, and since when.
    pub(crate) fn timeline(&self) -> Option<Instant> {
        self.spans.as_ref().map(|_| Instant::now())
    }

    /// Keeps the span of an item that started at `start`, as long as there is room.
    pub(crate) fn span(&self, start: Instant) {
        let Some(spans) = &self.spans else { return };
        let span = Span {
            thread: rayon::current_thread_index().unwrap_or(0),
            start_ns: ns(start - self.started),
            end_ns: ns(self.started.elapsed()),
        };
        let mut spans = lock(spans);
        if spans.kept.len() < MAX_SPANS {
            spans.kept.push(span);
        } else {
            spans.left_out += 1;
        }
    }

    /// Ends the measurement.
    pub(crate) fn finish(&self) -> Measured {
        let mut levels = lock(&self.levels);
        levels.close();
        let spans = self.spans.as_ref().map(|spans| std::mem::take(&mut *lock(spans))).unwrap_or_default();
        Measured {
            items: self.items.load(Ordering::Relaxed),
            completed: self.completed.load(Ordering::Relaxed),
            levels_ns: std::mem::take(&mut levels.ns),
            spans: spans.kept,
            spans_left_out: spans.left_out,
        }
    }
}

impl Levels {
    /// Books the time since the last change on the level it was spent at.
    fn close(&mut self) {
        let now = Instant::now();
        let running = self.running;
        if self.ns.len() <= running {
            self.ns.resize(running + 1, 0);
        }
        self.ns[running] += ns(now - self.since);
        self.since = now;
    }
}

/// A thread in a lane.
pub(crate) struct Running<'a> {
    meter: &'a Meter,
    first: bool,
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        if self.first {
            let _ = ON_THREAD.try_with(|passes| passes.borrow_mut().retain(|&id| id != self.meter.id));
            self.meter.change(|running| running - 1);
        }
    }
}

/// Nanoseconds, at most 584 years of them.
pub(crate) fn ns(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
