//! Free time: how long a worker was free to run what would have come.
//!
//! It is counted in small steps, and a step counts in full only if it is seen that a worker was free in it, or that every thread of
//! the process waits for another one. So it passes slowly on a machine that is busy, and while a worker computes or waits for
//! something outside, which may be the way to the next call. It always passes, so that every wait ends.

use crate::base::sync::Instant;
use crate::base::sync::atomic::{AtomicBool, Ordering};
use crate::base::task::{self, Activity, Task};
use rayon::ThreadPool;
use std::sync::Arc;
use std::time::Duration;

/// The least time between two looks, and how long those sleep who look.
pub(super) const TICK: Duration = Duration::from_millis(1);
/// The most that one look counts: on a busy machine they are far apart.
const STEP: Duration = Duration::from_millis(2);
/// How much slower time passes while a thread runs that may be about to come.
const SLOWLY: u32 = 16;
/// How much slower time passes while no worker is free, and one of the process's threads sleeps until a certain time, or until
/// something comes from outside.
const LESS_SLOWLY: u32 = 4;

/// Counts free time.
pub(super) struct FreeTime {
    last: Instant,
    /// A no-op that was sent to a pool; true once a worker ran it.
    no_op: Option<Arc<AtomicBool>>,
}

/// What is known of the pool at one look.
pub(super) struct Look<'a> {
    /// Workers of the scope's pool that neither wait nor answer a roll call.
    pub(super) others: &'a [Task],
    /// Whether all of them answer.
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
        // No worker is free, and none computes: they wait for a lock, a channel, a timer.
        match task::all_others() {
            // Every thread of the process waits for another one: nobody is left who could wake them.
            Some(Activity::Waits) => step,
            Some(Activity::Rests) => step / LESS_SLOWLY,
            Some(Activity::Runs) | None => step / SLOWLY,
        }
    }

    /// Whether a worker has run the last no-op; then sends another: to the pool of this thread, else to the scope's own. No other
    /// pool is asked, as that might start one.
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
