//! Free time: how long a worker was free to run another call.
//!
//! It is counted in small steps. A step counts fully only if a worker was seen to be free in it, or if every thread of
//! the process waits for another thread. So free time passes slowly on a busy machine. It also passes slowly while a worker computes or waits for
//! something outside of the process, because that may lead to the next call. It never stops, so that every wait ends.

use crate::base::sync::Instant;
use crate::base::sync::atomic::{AtomicBool, Ordering};
use crate::base::task::{self, Activity, Task};
use rayon::ThreadPool;
use std::sync::Arc;
use std::time::Duration;

/// The least time between two looks. A thread sleeps for so long between them.
pub(super) const TICK: Duration = Duration::from_millis(1);
/// The most time that one look counts. On a busy machine two looks are far apart.
const STEP: Duration = Duration::from_millis(2);
/// Time passes so many times more slowly while a thread runs that may be about to make a call.
const SLOWLY: u32 = 16;
/// Time passes so many times more slowly while no worker is free, and a thread of the process sleeps for a timer, or waits for
/// something outside of the process.
const LESS_SLOWLY: u32 = 4;

/// Counts free time.
pub(super) struct FreeTime {
    last: Instant,
    /// A no-op that was sent to a pool. True once a worker has run it.
    no_op: Option<Arc<AtomicBool>>,
}

/// The state of the pool at one look.
pub(super) struct Look<'a> {
    /// The workers of the scope's pool that do not wait in a hold and are not present in a roll call.
    pub(super) others: &'a [Task],
    /// Whether every other worker is present in a roll call.
    pub(super) all_answer: bool,
    pub(super) pool: Option<&'a Arc<ThreadPool>>,
}

impl FreeTime {
    pub(super) fn new() -> Self {
        FreeTime { last: Instant::now(), no_op: None }
    }

    /// Whether it is time for a look.
    pub(super) fn is_due(&self) -> bool {
        self.last.elapsed() >= TICK
    }

    /// How much free time has passed since the last look.
    pub(super) fn step(&mut self, look: &Look<'_>) -> Duration {
        let step = self.last.elapsed().min(STEP);
        self.last = Instant::now();
        if look.all_answer {
            return step;
        }
        let activities: Vec<_> = look.others.iter().map(Task::activity).collect();
        if activities.contains(&Some(Activity::Runs)) {
            return step / SLOWLY;
        }
        if self.no_op_ran(look.pool) {
            return step;
        }
        // No worker is free and no worker computes. They wait for a lock, a channel or a timer.
        match task::all_others() {
            // Every thread of the process waits for another thread, so that no thread is left to wake them.
            Some(Activity::Waits) => step,
            Some(Activity::Rests) => step / LESS_SLOWLY,
            Some(Activity::Runs) | None => step / SLOWLY,
        }
    }

    /// Whether a worker has run the last no-op. If so, sends another one: to the pool of this thread, else to the scope's own pool. It sends none
    /// to the global pool, because that might start it.
    fn no_op_ran(&mut self, pool: Option<&Arc<ThreadPool>>) -> bool {
        let ran = self.no_op.as_ref().map(|ran| ran.load(Ordering::Relaxed));
        if ran != Some(false) {
            let ran = Arc::new(AtomicBool::new(false));
            let no_op = Arc::clone(&ran);
            let run = move || no_op.store(true, Ordering::Relaxed);
            match pool {
                _ if rayon::current_thread_index().is_some() => rayon::spawn(run),
                Some(pool) => pool.spawn(run),
                None => return false,
            }
            self.no_op = Some(ran);
        }
        ran == Some(true)
    }
}
