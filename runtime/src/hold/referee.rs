//! The waiting thread that finds out whether anybody can still come.

use super::{Hold, Locked, Outcome, PATIENCE_FOR_CHANCES, Present, Rule, Worker};
use crate::lock;
use crate::sync::Instant;
use crate::sync::atomic::{AtomicBool, Ordering};
use crate::task::{self, Activity, Task};
use rayon::ThreadPool;
use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

/// The least time between two chances, and how long the referee sleeps when nothing happens.
const TICK: Duration = Duration::from_millis(1);
/// How long a roll call waits for the workers that are missing, before those present go back to look for work:
/// at first, and at most. It bounds how long a worker is kept from a job, and decides nothing.
const FIRST_WINDOW: Duration = Duration::from_millis(1);
const LAST_WINDOW: Duration = Duration::from_millis(32);
/// Ticks that make a chance where nothing shows that a worker was free, and some thread may be about to come: the system
/// does not tell, or says that one outside rests or runs. It only bounds how long a test can take that would else hang.
const BLIND_TICKS: u32 = 16;

/// After this long in a hold that nobody can judge, a warning says so.
const SAY_SO_AFTER: Duration = Duration::from_secs(10);

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
        let mut chances = Chances::new(pool.is_some_and(|pool| pool.current_thread_index().is_some()));
        let (began, mut said) = (Instant::now(), false);
        while state.waits(id) {
            let closed = state.passes > 0 && state.sources == 0 && state.roots == 0;
            if let (true, Some(pool)) = (closed, pool) {
                if state.nobody_can_come() {
                    self.give_up(&mut state, id, Outcome::NobodyCould);
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
            let chance;
            (state, chance) = self.tick(state, &mut chances, closed);
            if chance {
                // A worker that could go on is let out of the roll call first: it is one chance, however long it took.
                state.roll_call.open = false;
                self.changed.notify_all();
                state.chances += 1;
                if state.chances >= self.limit {
                    let chances = state.chances;
                    self.give_up(&mut state, id, Outcome::NobodyCame(chances));
                }
            }
            if !said && state.waits(id) && began.elapsed() > SAY_SO_AFTER {
                said = true;
                let probe = state.rule_of(id).map(|rule| rule.probe.clone()).unwrap_or_default();
                crate::warn(format_args!(
                    "a thread has been held inside `{probe}` for {SAY_SO_AFTER:?}, while others run and have not come; \
                     if they never will (a lock that spins, a lane that waits for a thread outside), take the hold away"
                ));
            }
        }
        state.has_referee = false;
        // The next referee, if threads wait in another hold.
        self.changed.notify_all();
        state
    }

    /// Lets the threads go that wait in the same hold as waiter `id`. Only those: when they run on, they may be what
    /// another hold waits for.
    fn give_up(&self, state: &mut Locked<'_>, id: u64, outcome: Outcome) {
        let cost = if outcome == Outcome::NobodyCould { 1 } else { PATIENCE_FOR_CHANCES };
        state.chances = 0;
        if let Some(rule) = state.rule_of(id) {
            rule.outcome = outcome;
            rule.pauses = true;
            rule.patience = rule.patience.saturating_sub(cost);
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
        self.ask(pool, round, window);
        lock(&self.state)
    }

    /// A free worker is present until the round is over, or the others let it wait too long.
    fn answer(&self, round: u64, worker: usize, window: Duration) {
        let came = Instant::now();
        // How deep in its stack a worker answers tells whether it does so between two jobs, or inside of one, in which
        // it waits for a part that another worker took. The first answer of all is made before there is any job.
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

    /// Asks for the first answer of each worker, before anything else is sent to the pool.
    pub(crate) fn meet_the_workers(self: &Arc<Self>, pool: &ThreadPool) {
        self.ask(pool, FIRST_ROUND, Duration::ZERO);
    }

    fn ask(self: &Arc<Self>, pool: &ThreadPool, round: u64, window: Duration) {
        let hold = Arc::clone(self);
        pool.spawn_broadcast(move |worker| hold.answer(round, worker.index(), window));
    }

    /// Whether a chance has passed. The lock is let go where the system is asked, for each thread.
    fn tick<'a>(&'a self, state: Locked<'a>, chances: &mut Chances, closed: bool) -> (Locked<'a>, bool) {
        if !chances.is_due() {
            return (state, false);
        }
        let others: Vec<Task> = state.others().collect();
        let all_answer = state.all_answer();
        drop(state);
        // Lets every thread that could run have a turn before this one looks.
        std::thread::yield_now();
        let chance = chances.has_passed(&others, all_answer, closed);
        (lock(&self.state), chance)
    }
}

/// The round in which a worker's depth is learnt.
const FIRST_ROUND: u64 = 0;

impl super::RollCall {
    fn is_open(&self, round: u64) -> bool {
        self.open && self.round == round
    }
}

impl super::State {
    fn waiting_workers(&self) -> BTreeSet<usize> {
        self.waiters.iter().filter_map(|waiter| waiter.worker).collect()
    }

    /// Whether all other workers are present in a roll call, between two jobs, while the queues of the waiting ones are
    /// empty; or all workers wait.
    fn nobody_can_come(&self) -> bool {
        self.waiting_workers().len() == self.workers.len()
            || (self.all_answer() && self.roll_call.present.iter().all(|present| present.between_jobs))
    }

    /// Whether all other workers are present in a roll call, while the queues of the waiting ones are empty. One that
    /// answers inside of a job may have what it waited for, and go on when the roll call is over.
    fn all_answer(&self) -> bool {
        self.roll_call.open
            && self.roll_call.present.len() + self.waiting_workers().len() == self.workers.len()
            && self.queues_are_empty()
    }

    /// Whether everything has been taken that the waiting workers had in their queues.
    fn queues_are_empty(&self) -> bool {
        self.waiters.iter().all(|waiter| waiter.flushed.load(Ordering::Relaxed))
    }

    /// The workers of the scope's pool that neither wait in a hold nor answer a roll call.
    fn others(&self) -> impl Iterator<Item = Task> {
        let waiting = self.waiting_workers();
        let present: BTreeSet<usize> = self.roll_call.present.iter().map(|present| present.worker).collect();
        let others = move |(i, _): &(usize, &Worker)| !waiting.contains(i) && !present.contains(i);
        self.workers.iter().enumerate().filter(others).map(|(_, worker)| worker.task.clone())
    }

    fn rule_of(&mut self, id: u64) -> Option<&mut Rule> {
        let rule = self.waiters.iter().find(|waiter| waiter.id == id)?.rule;
        self.rules.get_mut(rule)
    }
}

/// Counts the moments in which somebody could have come.
struct Chances {
    on_own_pool: bool,
    last: Instant,
    /// A no-op that was sent to the pool of this thread; true once a worker ran it.
    no_op: Option<Arc<AtomicBool>>,
    blind_ticks: u32,
}

impl Chances {
    fn new(on_own_pool: bool) -> Self {
        Chances { on_own_pool, last: Instant::now(), no_op: None, blind_ticks: 0 }
    }

    fn is_due(&mut self) -> bool {
        let due = self.last.elapsed() >= TICK;
        if due {
            self.last = Instant::now();
        }
        due
    }

    /// Whether this moment was a chance. `others` neither wait nor answer; `closed`: no work can come from outside.
    fn has_passed(&mut self, others: &[Task], all_answer: bool, closed: bool) -> bool {
        let activities: Vec<_> = others.iter().map(Task::activity).collect();
        if activities.iter().any(|activity| matches!(activity, Some(Activity::Runs | Activity::Rests))) {
            return false;
        }
        let told = !activities.contains(&None);
        if closed {
            // All answer, some of them inside of a job; or those who do not answer are stuck, as a roll call wakes a
            // worker that is idle. What they wait for may still come of a thread outside that runs.
            let stuck = all_answer || !others.is_empty();
            return stuck
                && match task::all_others() {
                    Some(Activity::Waits | Activity::Rests) if told => true,
                    _ => self.every(BLIND_TICKS),
                };
        }
        if self.no_op_ran() {
            return true;
        }
        if self.on_own_pool && told {
            // The no-op would wake a worker that is idle, so all of them are stuck.
            return true;
        }
        // Another pool, of which no worker is free: stuck, or at work.
        match task::all_others() {
            Some(Activity::Waits) => true,
            Some(Activity::Rests) | None => self.every(BLIND_TICKS),
            Some(Activity::Runs) => self.every(BLIND_TICKS * BLIND_TICKS),
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

    /// Whether this is one in so many ticks.
    fn every(&mut self, ticks: u32) -> bool {
        self.blind_ticks += 1;
        self.blind_ticks % ticks == 0
    }
}
