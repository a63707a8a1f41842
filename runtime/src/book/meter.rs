//! `Meter`: measures parallel work. How many lanes ran at once, for how long, and how many items were completed.

use crate::base::clock::{Instant, ns};
use crate::base::lock::lock;
use crate::book::cpu;
use std::cell::RefCell;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// The clock and the counts of one pass, or of all offloads of one place. A lane starts and stops the clock once for each rayon leaf,
/// and not for each item.
pub(crate) struct Meter {
    id: u64,
    levels: Mutex<Levels>,
    items: AtomicU64,
    completed: AtomicU64,
    cpu_ns: AtomicU64,
    /// Whether the system did not tell the processor time of some lane.
    cpu_is_unknown: AtomicBool,
}

struct Levels {
    /// How many pieces of work are under way. Time counts only while there is one.
    under_way: usize,
    max_under_way: usize,
    running: usize,
    since: Instant,
    /// Nanoseconds, by the number of threads that were in a lane.
    ns: Vec<u64>,
}

/// A copy of what a meter has measured.
#[derive(Clone, Debug, Default)]
pub(crate) struct Measured {
    pub(crate) items: u64,
    pub(crate) completed: u64,
    pub(crate) levels_ns: Vec<u64>,
    pub(crate) cpu_ns: Option<u64>,
    /// The most pieces of work that were under way at once.
    pub(crate) max_under_way: usize,
}

/// How long work was under way, given how long there were 0, 1, 2, .. threads in it.
pub(crate) fn wall_ns(levels_ns: &[u64]) -> u64 {
    levels_ns.iter().fold(0, |sum, ns| sum.saturating_add(*ns))
}

/// For how long threads worked in it, all of them added up.
pub(crate) fn busy_ns(levels_ns: &[u64]) -> u64 {
    let at_level = (0_u64..).zip(levels_ns).map(|(level, ns)| level.saturating_mul(*ns));
    at_level.fold(0, u64::saturating_add)
}

impl Measured {
    /// The most threads that were in it at once.
    pub(crate) fn max_concurrent(&self) -> usize {
        self.levels_ns.len().saturating_sub(1)
    }
}

thread_local! {
    /// The meters that this thread runs a lane of. A lane that waits may run another lane of the same pass. That is still one thread.
    static ON_THREAD: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
}

impl Meter {
    /// A meter of work that has not begun.
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Meter {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            levels: Mutex::new(Levels {
                under_way: 0,
                max_under_way: 0,
                running: 0,
                since: Instant::now(),
                ns: Vec::new(),
            }),
            items: AtomicU64::new(0),
            completed: AtomicU64::new(0),
            cpu_ns: AtomicU64::new(0),
            cpu_is_unknown: AtomicBool::new(false),
        }
    }

    /// Its number in this process.
    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    /// A piece of work begins.
    pub(crate) fn begin(&self) {
        self.change(|levels| {
            levels.under_way += 1;
            levels.max_under_way = levels.max_under_way.max(levels.under_way);
        });
    }

    /// A piece of work ends.
    pub(crate) fn end(&self) {
        self.change(|levels| levels.under_way -= 1);
    }

    /// This thread runs a lane until the guard is dropped.
    pub(crate) fn start(&self) -> Running<'_> {
        let first = ON_THREAD
            .try_with(|meters| {
                let mut meters = meters.borrow_mut();
                let first = !meters.contains(&self.id);
                if first {
                    meters.push(self.id);
                }
                first
            })
            .unwrap_or(false);
        if !first {
            return Running { meter: self, since_cpu_ns: None, first };
        }
        self.change(|levels| levels.running += 1);
        Running { meter: self, since_cpu_ns: cpu::thread_ns(), first }
    }

    fn change(&self, change: impl FnOnce(&mut Levels)) {
        let mut levels = lock(&self.levels);
        levels.book();
        change(&mut levels);
    }

    pub(crate) fn add(&self, items: u64, completed: u64) {
        self.items.fetch_add(items, Ordering::Relaxed);
        self.completed.fetch_add(completed, Ordering::Relaxed);
    }

    /// What was measured until now.
    pub(crate) fn measured(&self) -> Measured {
        let mut levels = lock(&self.levels);
        levels.book();
        let cpu_ns = self.cpu_ns.load(Ordering::Relaxed);
        Measured {
            items: self.items.load(Ordering::Relaxed),
            completed: self.completed.load(Ordering::Relaxed),
            levels_ns: levels.ns.clone(),
            cpu_ns: (!self.cpu_is_unknown.load(Ordering::Relaxed)).then_some(cpu_ns),
            max_under_way: levels.max_under_way,
        }
    }
}

impl Levels {
    /// Adds the time since the last change to the level at which it was spent.
    fn book(&mut self) {
        let now = Instant::now();
        let running = self.running;
        if self.ns.len() <= running {
            self.ns.resize(running + 1, 0);
        }
        if self.under_way > 0 {
            self.ns[running] += ns(now.saturating_duration_since(self.since));
        }
        self.since = now;
    }
}

/// A thread in a lane.
pub(crate) struct Running<'a> {
    meter: &'a Meter,
    since_cpu_ns: Option<u64>,
    first: bool,
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        if !self.first {
            return;
        }
        match (self.since_cpu_ns, cpu::thread_ns()) {
            (Some(since), Some(now)) => {
                self.meter.cpu_ns.fetch_add(now.saturating_sub(since), Ordering::Relaxed);
            }
            _ => self.meter.cpu_is_unknown.store(true, Ordering::Relaxed),
        }
        let _ = ON_THREAD.try_with(|meters| meters.borrow_mut().retain(|&id| id != self.meter.id));
        self.meter.change(|levels| levels.running -= 1);
    }
}
