//! The broadcast that asks the workers to be present in a roll call.

use crate::base::lock::lock;
use crate::base::sync::Instant;
use crate::base::task::Task;
use crate::verdict::hold::holder::{Hold, Locked};
use crate::verdict::hold::roll_call::Present;
use crate::verdict::hold::state::State;
use rayon::ThreadPool;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

/// How long the first roll call waits for missing workers before those present go back to work, and how long later ones wait at most. It limits
/// how long a worker is kept from a job. No verdict depends on it.
const FIRST_WINDOW: Duration = Duration::from_millis(1);
const LAST_WINDOW: Duration = Duration::from_millis(32);

/// Calls the roll again and again.
pub(super) struct Caller {
    window: Duration,
    next: Instant,
}

impl Caller {
    pub(super) fn new() -> Self {
        Caller { window: FIRST_WINDOW, next: Instant::now() }
    }

    /// Begins a roll call or ends one, if it is time; returns whether it has begun one.
    pub(super) fn call<'a>(
        &mut self,
        hold: &'a Arc<Hold>,
        mut state: Locked<'a>,
        pool: &Arc<ThreadPool>,
    ) -> (Locked<'a>, bool) {
        // No roll call while a queue is not empty: workers answer a broadcast before they steal, and would never get to
        // the jobs in the queue. For the same reason they have the same time for themselves after each roll call.
        if !state.roll_call.open && state.queues_are_empty() && Instant::now() >= self.next {
            self.next = Instant::now() + 2 * self.window;
            return (hold.call_the_roll(state, pool, self.window), true);
        }
        if state.roll_call.open && Instant::now() + self.window >= self.next {
            state.roll_call.open = false;
            self.window = (self.window * 2).min(LAST_WINDOW);
            self.next = Instant::now() + self.window;
            hold.changed.notify_all();
        }
        (state, false)
    }
}

/// The round that measures the stack depth of each worker.
const FIRST_ROUND: u64 = 0;

impl Hold {
    /// A worker of the scope's pool starts. Called on its thread.
    pub(crate) fn worker_started(&self, index: usize) {
        if let Some(worker) = lock(&self.state).workers.get_mut(index) {
            worker.task = Task::this();
        }
    }

    /// Asks for the first answer of each worker, before anything else is sent to the pool.
    pub(crate) fn meet_the_workers(self: &Arc<Self>, pool: &ThreadPool) {
        self.ask(pool, FIRST_ROUND, Duration::ZERO);
    }

    /// Asks every worker to be present at the same moment. Workers that wait in the hold answer later, when the roll call is over.
    fn call_the_roll<'a>(
        self: &'a Arc<Self>,
        mut state: Locked<'a>,
        pool: &Arc<ThreadPool>,
        window: Duration,
    ) -> Locked<'a> {
        state.roll_call.round += 1;
        state.roll_call.open = true;
        state.roll_call.present.clear();
        let round = state.roll_call.round;
        // Workers that are still present in the round before leave it.
        self.changed.notify_all();
        drop(state);
        self.ask(pool, round, window);
        lock(&self.state)
    }

    fn ask(self: &Arc<Self>, pool: &ThreadPool, round: u64, window: Duration) {
        let hold = Arc::clone(self);
        pool.spawn_broadcast(move |worker| hold.answer(round, worker.index(), window));
    }

    /// A free worker is present until the round is over, or until it has waited too long for the others.
    fn answer(&self, round: u64, worker: usize, window: Duration) {
        let came = Instant::now();
        // The stack depth of the answer tells whether the worker answers between two jobs, or inside a job, in which
        // it waits for a part that another worker took. The depth between two jobs is known from the first answer, before there is any job.
        let depth = std::ptr::from_ref(&came).addr();
        let mut state = lock(&self.state);
        if round == FIRST_ROUND {
            if let Some(worker) = state.workers.get_mut(worker) {
                worker.depth = Some(depth);
            }
            return;
        }
        if !state.roll_call.is_open(round) {
            return;
        }
        let between_jobs = state.workers.get(worker).is_some_and(|worker| worker.depth == Some(depth));
        state.roll_call.present.push(Present { worker, between_jobs });
        self.changed.notify_all();
        while state.roll_call.is_open(round) {
            let Some(left) = window.checked_sub(came.elapsed()).filter(|left| !left.is_zero()) else { break };
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        if state.roll_call.round == round {
            state.roll_call.present.retain(|present| present.worker != worker);
        }
    }
}

impl State {
    /// Whether no further worker can come. Either all workers wait, or all others are present in a roll call between two jobs while the queues
    /// of the waiting workers are empty.
    pub(super) fn no_worker_can_come(&self) -> bool {
        self.all_workers_wait()
            || (self.all_answer() && self.roll_call.present.iter().all(|present| present.between_jobs))
    }

    /// Whether every worker of the scope's pool waits in a hold.
    pub(super) fn all_workers_wait(&self) -> bool {
        self.waiting_workers().len() == self.workers.len()
    }

    /// Whether all other workers are present in a roll call, while the queues of the waiting workers are empty. A worker that
    /// answers inside a job may have got what it waited for, and go on when the roll call is over.
    pub(super) fn all_answer(&self) -> bool {
        self.roll_call.open
            && self.roll_call.present.len() + self.waiting_workers().len() == self.workers.len()
            && self.queues_are_empty()
    }

    /// The workers of the scope's pool that do not wait in a hold and are not present in a roll call.
    pub(super) fn other_workers(&self) -> Vec<Task> {
        let waiting = self.waiting_workers();
        let present = |i| self.roll_call.present.iter().any(|present| present.worker == i);
        let workers = self.workers.iter().enumerate();
        let others = workers.filter(|(i, _)| !waiting.contains(i) && !present(*i));
        others.map(|(_, worker)| worker.task.clone()).collect()
    }
}
