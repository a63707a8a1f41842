//! The wait of a thread in a hold.

use crate::base::lock::lock;
use crate::base::sync::atomic::{AtomicBool, Ordering};
use crate::verdict::hold::call::Call;
use crate::verdict::hold::holder::Hold;
use crate::verdict::hold::waiter::Waiter;
use std::sync::{Arc, PoisonError};

impl Hold {
    /// If the probe is held, waits until enough threads are inside, or until no further call can come. The calling thread was already
    /// counted on the gauge. `waits` is called before the thread waits.
    pub(crate) fn wait(self: &Arc<Self>, call: Call<'_>, waits: &mut dyn FnMut()) {
        let mut state = lock(&self.state);
        let Some((group, entry)) = state.enter(call.probe, call.gauge, call.visit) else { return };
        let worker = call.pool.and_then(|pool| pool.current_thread_index());
        if worker.is_none() {
            state.groups[group].outsider_enters();
        }
        let ways = self.ways_of_this_thread();
        if call.visit.pass == 0 && ways.calls + ways.polls > 0 && !ways.of_opener {
            state.came_by(group, None);
        }
        // Each thread was counted before it took the lock, so that the last of them sees all.
        let n = state.n_of(group);
        if state.meets(group, call.gauge.threads_inside(), n) {
            let group = state.groups[group].id;
            state.met(call.gauge, group);
            state.roll_call.open = false;
            self.changed.notify_all();
            return;
        }
        if !state.groups[group].rhythm.is_armed(entry) {
            return;
        }
        let has_jobs = call.pool.and_then(|pool| pool.current_thread_has_pending_tasks());
        let flushed = Arc::new(AtomicBool::new(has_jobs != Some(true)));
        let id = state.next_number();
        // Another call came, so that the wait of the group begins again.
        state.groups[group].waited = None;
        let group = state.groups[group].id;
        let flush = Arc::clone(&flushed);
        state.waiters.push(Waiter { id, group, entry, worker, flushed, ways, call: call.into() });
        // Workers in a roll call go back to work, because there may be jobs in the queue of this thread.
        state.roll_call.open = false;
        self.changed.notify_all();
        if worker.is_some() && !flush.load(Ordering::Relaxed) {
            // The no-op is taken after everything else in this worker's queue, because thieves take the oldest job first.
            let hold = Arc::clone(self);
            rayon::spawn(move || {
                let _state = lock(&hold.state);
                flush.store(true, Ordering::Relaxed);
                hold.changed.notify_all();
            });
        }
        waits();
        while state.waits(id) {
            state = if state.has_referee {
                self.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
            } else {
                self.referee(state, id, call.pool)
            };
        }
    }
}
