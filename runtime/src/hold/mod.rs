//! `hold`: an entry waits until enough threads are inside at once, so that a passing verdict is certain.
//!
//! With tiny work items one worker can finish everything before another wakes, and a correct program reads 1.
//! Under a hold the first thread inside waits for the others. What makes it safe to wait is that the wait ends
//! when nobody can come, and that this is established, not guessed:
//!
//! * **Inside a pass** the scope's pool runs nothing but this scope, and no clock decides. The waiting threads
//!   elect a referee (`referee.rs`), which asks all workers that are not waiting to be in a roll call at the same
//!   moment. A worker answers a roll call (a rayon broadcast) only when its own queue is empty, and either between two
//!   jobs or inside of one that waits for a part which another worker took. How deep in its stack it answers tells
//!   which. The queue of a waiting worker is empty once a no-op that it put behind everything else has been run by
//!   somebody. So when all free workers answer at once, and between two jobs, every queue is empty, nothing is
//!   stolen and not yet begun, and nobody runs: no further thread can come until somebody is let go. Counting items
//!   instead would be wrong: rayon may hand several of them to one leaf, and such a program is serialized.
//! * **A worker that answers inside of a job** may have got what it waited for a moment ago, and go on when the roll
//!   call is over: rayon tells nobody. Then all have answered and it is no fact, but a chance.
//! * **Where work may still appear from outside** (an open stream, an attached future, an unused right, `run`,
//!   process-wide claims) there is no such fact either. The wait is counted in chances: no-op jobs that a free worker
//!   ran, at least a millisecond apart, while no worker of the scope was busy. On a starved machine chances come slower
//!   too.
//! * **A worker that is stuck** on a lock which a waiting thread has will never answer. A moment in which every worker
//!   that neither waits nor answers waits for another thread, with no limit of time, counts as a chance as well, so
//!   that such a test does not hang. A worker that waits for a timer or a disk is as good as running. While a thread
//!   outside of the pool runs, for which it may wait, such chances pass sixteen times as slowly.
//!
//! Rejected: a time limit (upstream's failed on loaded machines), and a helper thread for each scope (the
//! waiting threads have nothing else to do).

mod referee;

use crate::gauge::Gauge;
use crate::lock;
use crate::sync::atomic::{AtomicBool, Ordering};
use crate::sync::{Condvar, Mutex, MutexGuard};
use crate::task::Task;
use rayon::ThreadPool;
use std::sync::{Arc, PoisonError};

/// Chances after which a hold gives up, where no fact can be established.
pub(crate) const DEFAULT_CHANCES: u32 = 1000;

/// How often a hold may find nobody, before it is over for good. A pass of one package before a pass of a thousand must
/// not use the hold up; a pass a package must not pay for a roll call in each of a thousand.
const PATIENCE: u32 = 64;
/// What it costs of that to have waited for all chances, which takes longer than a roll call.
const PATIENCE_FOR_CHANCES: u32 = 16;

/// The holds of one scope.
pub(crate) struct Hold {
    limit: u32,
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    rules: Vec<Rule>,
    waiters: Vec<Waiter>,
    next_waiter: u64,
    has_referee: bool,
    /// Where more work may come from: open streams, unused passes, attached futures, `run`, process-wide claims.
    sources: usize,
    /// Jobs sent to the pool from outside that have not begun.
    roots: usize,
    /// Passes under way.
    passes: usize,
    roll_call: RollCall,
    chances: u32,
    /// The pool's workers, by index.
    workers: Vec<Worker>,
}

impl State {
    /// Whether this thread is still to wait. Not whether its rule is armed: that may be so again, for the next pass,
    /// before a thread that was let go is awake.
    fn waits(&self, id: u64) -> bool {
        self.waiters.iter().any(|waiter| waiter.id == id)
    }
}

/// One probe to be held until `threads` threads are inside at once.
struct Rule {
    probe: String,
    threads: usize,
    entered: bool,
    outcome: Outcome,
    /// Found nobody; armed again by the next pass.
    pauses: bool,
    patience: u32,
}

/// How a hold ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Not yet, or never entered.
    Waiting,
    /// The threads met.
    Met,
    /// All queues were empty and all other workers idle while a thread waited.
    NobodyCould,
    /// Free workers had this many chances and brought nobody.
    NobodyCame(u32),
}

struct Waiter {
    id: u64,
    rule: usize,
    /// Its index in the scope's own pool.
    worker: Option<usize>,
    /// Whether everything in its queue has been taken.
    flushed: Arc<AtomicBool>,
}

#[derive(Default)]
struct RollCall {
    round: u64,
    open: bool,
    present: Vec<Present>,
}

/// A worker in a roll call.
struct Present {
    worker: usize,
    between_jobs: bool,
}

/// A worker of the scope's pool.
#[derive(Default)]
struct Worker {
    task: Task,
    /// How deep in its stack it answers a roll call between two jobs.
    depth: Option<usize>,
}

impl Hold {
    pub(crate) fn new(rules: &[(String, usize)], limit: u32, workers: usize) -> Arc<Self> {
        let rules = rules
            .iter()
            .map(|(probe, threads)| Rule {
                probe: probe.clone(),
                threads: *threads,
                entered: false,
                outcome: Outcome::Waiting,
                pauses: false,
                patience: PATIENCE,
            })
            .collect();
        Arc::new(Hold {
            limit,
            state: Mutex::new(State {
                rules,
                waiters: Vec::new(),
                next_waiter: 0,
                has_referee: false,
                sources: 0,
                roots: 0,
                passes: 0,
                roll_call: RollCall::default(),
                chances: 0,
                workers: (0..workers).map(|_| Worker::default()).collect(),
            }),
            changed: Condvar::new(),
        })
    }

    /// A worker of the scope's pool begins; called on its thread.
    pub(crate) fn worker_started(&self, index: usize) {
        if let Some(worker) = lock(&self.state).workers.get_mut(index) {
            worker.task = Task::this();
        }
    }

    /// How the hold of a probe stands, with the number of threads it asks for.
    pub(crate) fn outcome(&self, probe: &str) -> Option<(usize, Outcome)> {
        let state = lock(&self.state);
        state.rules.iter().find(|rule| rule.probe == probe).map(|rule| (rule.threads, rule.outcome))
    }

    /// The probes that are held and were not entered yet.
    pub(crate) fn never_entered(&self) -> Vec<String> {
        let state = lock(&self.state);
        let never = state.rules.iter().filter(|rule| !rule.entered);
        never.map(|rule| rule.probe.clone()).collect()
    }

    /// Waits, if `probe` is held, until enough threads are inside or nobody can come. Called by a thread that
    /// was just counted on `gauge`.
    pub(crate) fn wait(self: &Arc<Self>, probe: &str, gauge: &'static Gauge, pool: Option<&Arc<ThreadPool>>) {
        let mut state = lock(&self.state);
        let Some(rule) = state.rules.iter().position(|rule| rule.probe == probe) else { return };
        state.rules[rule].entered = true;
        if !state.rules[rule].is_armed() {
            return;
        }
        // The threads were counted before they took the lock, so the last of them sees all.
        if gauge.threads_inside() >= state.rules[rule].threads {
            state.rules[rule].outcome = Outcome::Met;
            self.let_go(&mut state);
            return;
        }
        let worker = pool.and_then(|pool| pool.current_thread_index());
        let has_jobs = pool.and_then(|pool| pool.current_thread_has_pending_tasks());
        let flushed = Arc::new(AtomicBool::new(has_jobs != Some(true)));
        // Somebody came: the others get all their chances again.
        state.chances = 0;
        let id = state.next_waiter;
        state.next_waiter += 1;
        state.waiters.push(Waiter { id, rule, worker, flushed: Arc::clone(&flushed) });
        // Workers in a roll call go back to work: this thread's queue may be what they are needed for.
        state.roll_call.open = false;
        self.changed.notify_all();
        if worker.is_some() && !flushed.load(Ordering::Relaxed) {
            // Behind everything that is in this worker's queue, because thieves take the oldest job first.
            let hold = Arc::clone(self);
            rayon::spawn(move || {
                let _state = lock(&hold.state);
                flushed.store(true, Ordering::Relaxed);
                hold.changed.notify_all();
            });
        }
        while state.waits(id) {
            state = if state.has_referee {
                self.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
            } else {
                self.referee(state, id, pool)
            };
        }
    }

    /// Takes the threads off the list whose hold is over: from now on they run, even if they are not awake yet.
    fn let_go(&self, state: &mut State) {
        let State { waiters, rules, roll_call, .. } = state;
        waiters.retain(|waiter| rules[waiter.rule].is_armed());
        roll_call.open = false;
        self.changed.notify_all();
    }

    /// Lets everybody go: the scope closes.
    pub(crate) fn close(&self) {
        let mut state = lock(&self.state);
        for rule in &mut state.rules {
            rule.pauses = true;
            rule.patience = 0;
        }
        self.let_go(&mut state);
    }

    /// Notes that more work may come from outside, until the token is dropped.
    pub(crate) fn source(self: &Arc<Self>) -> Token {
        self.note(|state| &mut state.sources)
    }

    /// Notes that a job was sent to the pool and has not begun, until the token is dropped.
    pub(crate) fn root(self: &Arc<Self>) -> Token {
        self.note(|state| &mut state.roots)
    }

    /// Notes that a pass is under way, until the token is dropped, and arms the holds again.
    pub(crate) fn pass(self: &Arc<Self>) -> Token {
        for rule in &mut lock(&self.state).rules {
            rule.pauses &= rule.patience == 0;
        }
        self.note(|state| &mut state.passes)
    }

    fn note(self: &Arc<Self>, which: fn(&mut State) -> &mut usize) -> Token {
        *which(&mut lock(&self.state)) += 1;
        Token { hold: Arc::clone(self), which }
    }
}

impl Rule {
    fn is_armed(&self) -> bool {
        !self.pauses && self.outcome != Outcome::Met
    }
}

/// Something that is under way; the referee is told when it ends.
pub(crate) struct Token {
    hold: Arc<Hold>,
    which: fn(&mut State) -> &mut usize,
}

impl Drop for Token {
    fn drop(&mut self) {
        *(self.which)(&mut lock(&self.hold.state)) -= 1;
        self.hold.changed.notify_all();
    }
}

type Locked<'a> = MutexGuard<'a, State>;
