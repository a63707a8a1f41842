//! The waiting thread that finds out whether anybody can still come.

use super::{Hold, Locked, Outcome, PATIENCE_FOR_CHANCES};
use crate::lock;
use rayon::ThreadPool;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

/// The least time between two chances, and how long the referee sleeps when nothing happens.
const TICK: Duration = Duration::from_millis(1);
/// How long a roll call waits for the workers that are missing, before those present go back to look for work:
/// at first, and at most. It bounds how long a worker is kept from a job, and decides nothing.
const FIRST_WINDOW: Duration = Duration::from_millis(1);
const LAST_WINDOW: Duration = Duration::from_millis(32);
/// Ticks that make a chance where no worker ran the no-op and nothing is known of the workers: a pool that is
/// not the scope's, or a system that does not tell.
const BLIND_TICKS: u32 = 16;

impl Hold {
    /// Is the referee until this thread, waiter `id`, is let go.
    pub(super) fn referee<'a>(
        self: &'a Arc<Self>,
        mut state: Locked<'a>,
        id: u64,
        pool: Option<&Arc<ThreadPool>>,
    ) -> Locked<'a> {
        state.has_referee = true;
        let mut window = FIRST_WINDOW;
        let mut next_call = Instant::now();
        let mut chances = Chances::new();
        let on_own_pool = pool.is_some_and(|pool| pool.current_thread_index().is_some());
        while state.waits(id) {
            let closed = state.passes > 0 && state.sources == 0 && state.roots == 0;
            if let (true, Some(pool)) = (closed, pool) {
                if state.nobody_can_come() {
                    self.give_up(&mut state, Outcome::NobodyCould);
                    break;
                }
                // No roll call while a queue is not empty: workers answer before they steal, and would never get to
                // what they are needed for. For the same reason they get as long for themselves after each.
                if !state.roll_call.open && state.queues_are_empty() && Instant::now() >= next_call {
                    next_call = Instant::now() + 2 * window;
                    state = self.call_the_roll(state, pool, window);
                    continue;
                }
                if state.roll_call.open && Instant::now() + window >= next_call {
                    state.roll_call.open = false;
                    window = (window * 2).min(LAST_WINDOW);
                    next_call = Instant::now() + window;
                    self.changed.notify_all();
                }
            }
            state = self.changed.wait_timeout(state, TICK).unwrap_or_else(PoisonError::into_inner).0;
            if chances.tick(&state, closed, on_own_pool) {
                state.chances += 1;
                if state.chances >= self.limit {
                    let chances = state.chances;
                    self.give_up(&mut state, Outcome::NobodyCame(chances));
                }
            }
        }
        state.has_referee = false;
        // The next referee, if threads wait in another hold.
        self.changed.notify_all();
        state
    }

    /// Lets all waiting threads go.
    fn give_up(&self, state: &mut Locked<'_>, outcome: Outcome) {
        let cost = if outcome == Outcome::NobodyCould { 1 } else { PATIENCE_FOR_CHANCES };
        state.chances = 0;
        let waited_for: BTreeSet<usize> = state.waiters.iter().map(|waiter| waiter.rule).collect();
        for rule in waited_for {
            let rule = &mut state.rules[rule];
            if rule.is_armed() {
                rule.outcome = outcome;
                rule.pauses = true;
                rule.patience = rule.patience.saturating_sub(cost);
            }
        }
        self.let_go(state);
    }

    /// Asks every worker to be present at once; those that wait in the hold answer later, when it is over.
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
        // Those still present in the round before leave it.
        self.changed.notify_all();
        drop(state);
        let hold = Arc::clone(self);
        pool.spawn_broadcast(move |worker| hold.answer(round, worker.index(), window));
        lock(&self.state)
    }

    /// A free worker is present until the round is over, or the others let it wait too long.
    fn answer(&self, round: u64, worker: usize, window: Duration) {
        let came = Instant::now();
        let mut state = lock(&self.state);
        if !state.roll_call.is_open(round) {
            return;
        }
        state.roll_call.present.push(worker);
        self.changed.notify_all();
        while state.roll_call.is_open(round) {
            let Some(left) = window.checked_sub(came.elapsed()).filter(|left| !left.is_zero()) else { break };
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        if state.roll_call.round == round {
            state.roll_call.present.retain(|&present| present != worker);
        }
    }
}

impl super::RollCall {
    fn is_open(&self, round: u64) -> bool {
        self.open && self.round == round
    }
}

impl super::State {
    fn waiting_workers(&self) -> BTreeSet<usize> {
        self.waiters.iter().filter_map(|waiter| waiter.worker).collect()
    }

    /// Whether all other workers are present in a roll call while the queues of the waiting ones are empty, or
    /// all workers wait.
    fn nobody_can_come(&self) -> bool {
        let waiting = self.waiting_workers();
        let all_wait = waiting.len() == self.workers.len();
        let all_present =
            self.roll_call.open && self.roll_call.present.len() + waiting.len() == self.workers.len();
        all_wait || (all_present && self.queues_are_empty())
    }

    /// Whether everything has been taken that the waiting workers had in their queues.
    fn queues_are_empty(&self) -> bool {
        self.waiters.iter().all(|waiter| waiter.flushed.load(Ordering::Relaxed))
    }

    /// What the workers do that neither wait nor are present.
    fn others(&self) -> Others {
        let waiting = self.waiting_workers();
        let mut all = Others::None;
        for (i, worker) in self.workers.iter().enumerate() {
            if waiting.contains(&i) || self.roll_call.present.contains(&i) {
                continue;
            }
            all = match (worker.as_ref().and_then(super::Task::sleeps), all) {
                (Some(false), _) => return Others::Run,
                (None, _) | (_, Others::Unknown) => Others::Unknown,
                (Some(true), _) => Others::Sleep,
            };
        }
        all
    }
}

/// The workers of the scope's pool that neither wait in a hold nor answer a roll call.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Others {
    None,
    /// At least one runs, or could if it had a core.
    Run,
    /// All of them sleep: idle, or stuck on something.
    Sleep,
    /// The system does not tell.
    Unknown,
}

/// Counts the moments in which somebody could have come.
struct Chances {
    last: Instant,
    /// A no-op that was sent to the pool of this thread; true once a worker ran it.
    no_op: Option<Arc<AtomicBool>>,
    blind_ticks: u32,
}

impl Chances {
    fn new() -> Self {
        Chances { last: Instant::now(), no_op: None, blind_ticks: 0 }
    }

    /// Whether a chance has passed. `closed`: no work can come from outside, so the roll call decides and only
    /// workers that are stuck count here.
    fn tick(&mut self, state: &Locked<'_>, closed: bool, on_own_pool: bool) -> bool {
        if self.last.elapsed() < TICK {
            return false;
        }
        self.last = Instant::now();
        // Lets every thread that could run have a turn before this one looks.
        std::thread::yield_now();
        let others = state.others();
        let no_op_ran = !closed && self.no_op_ran();
        match others {
            Others::Run => false,
            _ if no_op_ran => true,
            // A pending no-op (or roll call) wakes a worker that is idle, so these are stuck.
            Others::Sleep if closed || on_own_pool => true,
            Others::None if closed => false,
            _ => {
                self.blind_ticks += 1;
                self.blind_ticks % BLIND_TICKS == 0
            }
        }
    }

    /// Whether a worker of this thread's pool has run the last no-op; then sends another.
    fn no_op_ran(&mut self) -> bool {
        let ran = self.no_op.as_ref().map(|ran| ran.load(Ordering::Relaxed));
        if ran != Some(false) {
            let ran = Arc::new(AtomicBool::new(false));
            self.no_op = Some(Arc::clone(&ran));
            rayon::spawn(move || ran.store(true, Ordering::Relaxed));
        }
        ran == Some(true)
    }
}
