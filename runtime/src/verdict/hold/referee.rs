//! The referee: the waiting thread that finds out whether another call can still come.

use crate::base::lock::lock;
use crate::base::sync::Instant;
use crate::base::task::{self, Activity, Task};
use crate::base::text::plural;
use crate::base::warn::warn_uncaptured;
use crate::verdict::hold::broadcast::Caller;
use crate::verdict::hold::evidence::Alone;
use crate::verdict::hold::evidence::Undecided;
use crate::verdict::hold::free_time::{FreeTime, Look, TICK};
use crate::verdict::hold::group::Group;
use crate::verdict::hold::holder::{Hold, Locked};
use crate::verdict::hold::state::State;
use crate::verdict::hold::ways::Ways;
use rayon::ThreadPool;
use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

/// How long a wait goes on at most after it is proven, while other threads run or may run.
const COURTESY: Duration = Duration::from_millis(250);
/// How often the system is asked for running threads in that time.
const GLANCE: Duration = Duration::from_micros(100);
/// After this time in a hold that could not be decided, a warning is printed.
const SAY_SO_AFTER: Duration = Duration::from_secs(10);

impl Hold {
    /// Makes this thread, waiter `id`, the referee until its wait ends.
    pub(super) fn referee<'a>(
        self: &'a Arc<Self>,
        mut state: Locked<'a>,
        id: u64,
        pool: Option<&Arc<ThreadPool>>,
    ) -> Locked<'a> {
        state.has_referee = true;
        let mut caller = Caller::new();
        let mut free = FreeTime::new();
        let (began, mut said) = (Instant::now(), false);
        let mut alone_since = None;
        while state.waits(id) {
            let closed = state.nothing_comes_from_outside(id);
            if let (true, Some(pool)) = (closed, pool) {
                let visit = state.group_of(id).map(|group| group.visit).unwrap_or_default();
                if state.no_worker_can_come() {
                    // A thread that waits in another group may come here when it goes on: it may be on the stack of a lane of this pass.
                    if state.others_wait(visit) {
                        state.make_room(visit);
                        state.roll_call.open = false;
                        self.changed.notify_all();
                        continue;
                    }
                    let since = *alone_since.get_or_insert_with(Instant::now);
                    if state.deserves_courtesy(id, since.elapsed(), self.limit) {
                        let known = state.known_threads();
                        // The lock is released while the system is asked.
                        drop(state);
                        let another_may_run = task::another_may_run(&known);
                        state = lock(&self.state);
                        if another_may_run {
                            // Mostly this is a worker of another pool that is about to sleep. It sleeps before this roll call ends.
                            state = self.wait_for_a_change(state, GLANCE);
                            continue;
                        }
                        if !state.is_alone(id) {
                            continue;
                        }
                    }
                    let group = state.group_of(id).map(|group| group.id);
                    self.give_up(&mut state, group.unwrap_or_default(), Alone::Proven);
                    break;
                }
                let has_called;
                (state, has_called) = caller.call(self, state, pool);
                if has_called {
                    continue;
                }
            } else {
                alone_since = None;
            }
            state = self.wait_for_a_change(state, TICK);
            if free.is_due() && state.waits(id) {
                state = self.look(state, id, &mut free, pool);
            }
            if !said && state.waits(id) && began.elapsed() > SAY_SO_AFTER {
                said = true;
                let probe = state.probe_of(id).to_owned();
                // The thread that has standard error locked may wait for this lock.
                drop(state);
                warn_uncaptured(format_args!(
                    "a thread has been held inside `{probe}` for {SAY_SO_AFTER:?}, while other threads run and do not enter it; if \
                     they never will (a lock that spins, a lane that waits for a thread outside), remove the hold"
                ));
                state = lock(&self.state);
            }
        }
        state.has_referee = false;
        // Threads that wait in another hold elect the next referee.
        self.changed.notify_all();
        state
    }

    fn wait_for_a_change<'a>(&'a self, state: Locked<'a>, at_most: Duration) -> Locked<'a> {
        self.changed.wait_timeout(state, at_most).unwrap_or_else(PoisonError::into_inner).0
    }

    /// Counts the free time since the last look, and ends each wait that has reached its limit. The lock is released while the
    /// system is asked about each thread.
    fn look<'a>(
        self: &'a Arc<Self>,
        state: Locked<'a>,
        id: u64,
        free: &mut FreeTime,
        pool: Option<&Arc<ThreadPool>>,
    ) -> Locked<'a> {
        let (others, in_jobs) = (state.other_workers(), state.roll_call.in_jobs());
        let all_answer = state.all_answer() || state.all_workers_wait();
        let on_own_pool = state.waiters.iter().any(|waiter| waiter.id == id && waiter.worker.is_some());
        drop(state);
        // Gives every thread that can run a turn before this one looks.
        std::thread::yield_now();
        let step = free.step(&Look { others: &others, all_answer, pool });
        let mut state = lock(&self.state);
        // All waiting groups have waited for this step.
        let waiting: BTreeSet<u64> = state.waiters.iter().map(|waiter| waiter.group).collect();
        let over = state.have_waited(&waiting, step, self.limit);
        if !over.is_empty() {
            let doing = state.doing(&others, in_jobs, on_own_pool);
            for (group, free) in over {
                let doing = doing.clone();
                self.give_up(&mut state, group, Alone::Undecided(Undecided { free, doing }));
            }
        }
        state
    }

    /// Ends the wait of all threads of a group.
    fn give_up(&self, state: &mut Locked<'_>, group: u64, alone: Alone) {
        let waiter = state.waiters.iter().find(|waiter| waiter.group == group);
        let Some(inside) = waiter.map(|waiter| waiter.call.gauge.threads_inside()) else { return };
        state.alone(group, inside, alone);
        state.roll_call.open = false;
        self.changed.notify_all();
    }
}

impl State {
    /// Whether further calls of the group of this waiter can come only from the scope's pool.
    fn nothing_comes_from_outside(&self, id: u64) -> bool {
        let group =
            self.waiters.iter().find(|waiter| waiter.id == id).and_then(|waiter| self.group(waiter.group));
        let Some(visit) = group.map(|group| group.visit) else { return false };
        if self.jobs_on_their_way > 0 {
            return false;
        }
        if visit.pass != 0 {
            // Calls of all passes of a batch can meet.
            return !self.open_passes.iter().any(|open| open.batch == visit.batch)
                && self.rights.get(&visit.batch).is_none_or(|rights| *rights == 0);
        }
        self.open_passes.is_empty()
            && self.offloads == 0
            && self.handles.are_at_home()
            && self.all_ways_wait()
    }

    /// Whether all ways into the scope are on the stacks of the threads that wait.
    fn all_ways_wait(&self) -> bool {
        let mut all = Ways::default();
        for ways in self.waiters.iter().map(|waiter| waiter.ways) {
            all.calls += ways.calls;
            all.polls += ways.polls;
            all.of_opener |= ways.of_opener;
        }
        self.world.are_all(all) && self.world.attached == all.polls
    }

    /// The threads of the scope's pool, by the numbers of the system. All other threads may be about to use a handle of the scope.
    fn known_threads(&self) -> BTreeSet<u32> {
        self.workers.iter().filter_map(|worker| worker.task.number()).collect()
    }

    /// Whether this thread waits, and no further call can come.
    fn is_alone(&self, id: u64) -> bool {
        self.waits(id) && self.nothing_comes_from_outside(id) && self.no_worker_can_come()
    }

    /// Whether a wait outside of passes goes on for a moment after it is proven, if another thread runs or may run. That thread may have got
    /// the scope a moment ago, which no count tells. The moment is half as long after each lone wait.
    fn deserves_courtesy(&self, id: u64, lasted: Duration, limit: Duration) -> bool {
        let group =
            self.waiters.iter().find(|waiter| waiter.id == id).and_then(|waiter| self.group(waiter.group));
        let Some(group) = group.filter(|group| group.visit.pass == 0) else { return false };
        let waits = group.rhythm.open_stretch().map_or(0, |stretch| stretch.waits());
        lasted < COURTESY.min(limit / 4) / 2_u32.saturating_pow(waits)
    }

    fn group_of(&mut self, id: u64) -> Option<&mut Group> {
        let group = self.waiters.iter().find(|waiter| waiter.id == id)?.group;
        self.group_mut(group)
    }

    fn probe_of(&self, id: u64) -> &str {
        let waiter = self.waiters.iter().find(|waiter| waiter.id == id);
        let group = waiter.and_then(|waiter| self.group(waiter.group));
        group.map_or("?", |group| &self.rules[group.rule].probe)
    }

    /// What the workers of the scope's pool are doing, for a message. `others` do not wait in the hold and are not present in a roll call.
    /// `in_jobs` of those present answer inside a job.
    pub(super) fn doing(&self, others: &[Task], in_jobs: usize, on_own_pool: bool) -> String {
        if !on_own_pool {
            return "the call ran on a thread outside of the scope's pool".into();
        }
        let waiting = self.waiting_workers().len();
        let counted = |activity| others.iter().filter(|task| task.activity() == activity).count();
        let idle = self.workers.len().saturating_sub(waiting + others.len() + in_jobs);
        let mut parts = vec![format!("{waiting} held inside")];
        for (count, what) in [
            (idle, "idle"),
            (in_jobs, "waiting for a part of their own job that another worker took"),
            (counted(Some(Activity::Runs)), "running"),
            (counted(Some(Activity::Rests)), "asleep, for a timer, a disk or a socket"),
            (
                counted(Some(Activity::Waits)),
                "idle, or waiting for another thread (a lock, a channel, a join)",
            ),
            (counted(None), "in a state that this system does not tell"),
        ] {
            if count > 0 {
                parts.push(format!("{count} {what}"));
            }
        }
        format!("of {}: {}", plural(self.workers.len() as u64, "worker", "workers"), parts.join(", "))
    }
}
