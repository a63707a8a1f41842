//! `State`: the state of a hold, under its lock.

use crate::base::sync::atomic::Ordering;
use crate::base::sync::this_thread;
use crate::call::gauge::Gauge;
use crate::call::host::Visit;
use crate::verdict::hold::evidence::{Alone, Evidence, Undecided, UnmetPass};
use crate::verdict::hold::group::Group;
use crate::verdict::hold::handles::Handles;
use crate::verdict::hold::rhythm::Lone;
use crate::verdict::hold::roll_call::{RollCall, Worker};
use crate::verdict::hold::rule::Rule;
use crate::verdict::hold::ticket::Ticket;
use crate::verdict::hold::waiter::Waiter;
use crate::verdict::hold::world::World;
use std::collections::{BTreeMap, BTreeSet};
use std::task::Waker;
use std::time::Duration;

pub(super) struct State {
    pub(super) rules: Vec<Rule>,
    pub(super) groups: Vec<Group>,
    pub(super) waiters: Vec<Waiter>,
    pub(super) tickets: Vec<Ticket>,
    numbers: u64,
    pub(super) has_referee: bool,
    pub(super) has_timekeeper: bool,
    pub(super) is_closed: bool,
    /// The number of jobs that were sent to the pool from outside and have not begun.
    pub(super) jobs_on_their_way: usize,
    pub(super) handles: Handles,
    pub(super) offloads: usize,
    /// The number of unused rights to passes, by batch.
    pub(super) rights: BTreeMap<u32, usize>,
    pub(super) passes: Vec<u64>,
    /// The passes that may get calls from elsewhere than their lanes.
    pub(super) open_passes: Vec<Visit>,
    pub(super) world: World,
    pub(super) roll_call: RollCall,
    /// The pool's workers, by index.
    pub(super) workers: Vec<Worker>,
}

impl State {
    pub(super) fn new(rules: Vec<Rule>, workers: usize, is_wide: bool) -> Self {
        State {
            rules,
            groups: Vec::new(),
            waiters: Vec::new(),
            tickets: Vec::new(),
            numbers: 0,
            has_referee: false,
            has_timekeeper: false,
            is_closed: false,
            jobs_on_their_way: 0,
            handles: Handles::default(),
            offloads: 0,
            rights: BTreeMap::new(),
            passes: Vec::new(),
            open_passes: Vec::new(),
            world: World::new(is_wide),
            roll_call: RollCall::default(),
            workers: (0..workers).map(|_| Worker::default()).collect(),
        }
    }

    pub(super) fn next_number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }

    /// Counts an entry of a probe. Returns the index of its group and its number there. `None` if the probe is not held, or is
    /// not held any more.
    pub(super) fn enter(&mut self, probe: &str, gauge: &Gauge, visit: Visit) -> Option<(usize, u64)> {
        let rule = self.rules.iter().position(|rule| rule.probe == probe)?;
        self.rules[rule].was_entered = true;
        if self.is_closed {
            return None;
        }
        // A lane may outlive a pass whose future was dropped. Its calls are not judged.
        if visit.pass != 0 && !self.passes.contains(&visit.pass) {
            return None;
        }
        let known = self.groups.iter().position(|group| group.rule == rule && group.visit == visit);
        let group = known.unwrap_or_else(|| {
            let id = self.next_number();
            let limits = self.rules[rule].evidence_mut(visit.batch).limits;
            self.groups.push(Group::new(id, rule, visit, gauge.kind(), limits));
            self.groups.len() - 1
        });
        let entry = self.groups[group].rhythm.enter();
        Some((group, entry))
    }

    /// How many calls must be inside at once for a meeting, for the group at this index.
    pub(super) fn n_of(&self, group: usize) -> usize {
        self.rules[self.groups[group].rule].n
    }

    /// This thread enters a group while `inside` threads are inside. Returns whether at least `n` meet.
    pub(super) fn meets(&mut self, group: usize, inside: usize, n: usize) -> bool {
        let Group { rule, visit, .. } = self.groups[group];
        let came = self.rules[rule].came_mut(visit.batch);
        let this = this_thread();
        if came.len() < n && !came.contains(&this) {
            came.push(this);
        }
        inside >= n && came.len() >= n
    }

    /// Whether this thread must still wait. It does not ask whether its group is armed: the group may be armed again before the thread has
    /// woken from a wait that ended.
    pub(super) fn waits(&self, id: u64) -> bool {
        self.waiters.iter().any(|waiter| waiter.id == id)
    }

    pub(super) fn group_mut(&mut self, id: u64) -> Option<&mut Group> {
        self.groups.iter_mut().find(|group| group.id == id)
    }

    pub(super) fn group(&self, id: u64) -> Option<&Group> {
        self.groups.iter().find(|group| group.id == id)
    }

    /// Enough threads are inside this gauge. The last one came by a call of this group. Ends the wait of all threads that wait for the gauge. From
    /// now on they count as running, even if they are not awake yet.
    pub(super) fn met(&mut self, gauge: &'static Gauge, group: u64) {
        let mut met = BTreeSet::from([group]);
        self.waiters.retain(|waiter| {
            let is_one = std::ptr::eq(waiter.call.gauge, gauge);
            if is_one {
                met.insert(waiter.group);
            }
            !is_one
        });
        self.note_meeting(|group| met.contains(&group.id));
    }

    /// Notes a meeting of these groups.
    pub(super) fn note_meeting(&mut self, is_one: impl Fn(&Group) -> bool) {
        let State { groups, rules, .. } = self;
        for group in groups.iter_mut().filter(|group| is_one(group)) {
            let rule = &mut rules[group.rule];
            group.rhythm.met(rule.n);
            group.waited = None;
            rule.came_mut(group.visit.batch).clear();
            let evidence = rule.evidence_mut(group.visit.batch);
            evidence.meetings += 1;
            if group.visit.pass != 0 {
                evidence.limits = 0;
            }
        }
    }

    /// Adds a `step` of free time to the waits of these groups. Returns the groups that have reached their limit, with their free time.
    pub(super) fn have_waited(
        &mut self,
        waiting: &BTreeSet<u64>,
        step: Duration,
        limit: Duration,
    ) -> Vec<(u64, Duration)> {
        let mut over = Vec::new();
        for group in self.groups.iter_mut().filter(|group| waiting.contains(&group.id)) {
            // A wait that began between two looks has not waited for the whole step.
            let waited = group.waited.map_or(Duration::ZERO, |waited| waited + step);
            group.waited = Some(waited);
            if waited >= group.rhythm.limit(limit) {
                over.push((group.id, waited));
            }
        }
        over
    }

    /// Whether threads of other passes or batches wait too. Then the waiting workers may keep one another from the calls that they all wait for.
    pub(super) fn others_wait(&self, visit: Visit) -> bool {
        self.waiters.iter().any(|waiter| self.group(waiter.group).is_some_and(|group| group.visit != visit))
    }

    /// Ends waits without a verdict, because threads that wait in other groups keep workers from the calls that one group waits for. If `visit` is
    /// outside of passes, its own wait ends. Otherwise all other waits end.
    pub(super) fn make_room(&mut self, visit: Visit) {
        let goes: BTreeSet<u64> = self
            .groups
            .iter()
            .filter(|group| if visit.pass == 0 { group.visit == visit } else { group.visit != visit })
            .map(|group| group.id)
            .collect();
        let waiting: BTreeSet<u64> = self.waiters.iter().map(|waiter| waiter.group).collect();
        self.doubt(|group| goes.contains(&group.id) && waiting.contains(&group.id));
        self.waiters.retain(|waiter| !goes.contains(&waiter.group));
    }

    /// The waits of these groups since their last meeting prove nothing.
    pub(super) fn doubt(&mut self, is_one: impl Fn(&Group) -> bool) {
        let State { groups, rules, .. } = self;
        for group in groups.iter_mut().filter(|group| is_one(group)) {
            group.was_let_go = true;
            group.rhythm.was_given_up();
            rules[group.rule].evidence_mut(group.visit.batch).was_let_go = true;
        }
    }

    /// The wait of a group ended without a meeting. Only this group goes on: its calls may be what another group waits for.
    pub(super) fn alone(&mut self, group: u64, inside: usize, alone: Alone) {
        let threads = self.waiters.iter().filter(|waiter| waiter.group == group);
        // An item on top of another one could have been run by another worker. Which worker runs it is chance.
        let is_on_top = threads.clone().any(|waiter| waiter.call.is_on_top);
        // A call that waits in another group might have come to this group, if the hold had not kept it.
        let others_wait = self.waiters.iter().any(|waiter| waiter.group != group)
            || self.tickets.iter().any(|ticket| ticket.group != group);
        let alone = match alone {
            Alone::Proven if is_on_top || others_wait => Alone::LetGo,
            Alone::Stuck(undecided) if others_wait => Alone::Undecided(undecided),
            alone => alone,
        };
        let threads: Vec<(u64, bool, u64)> =
            threads.map(|waiter| (waiter.entry, waiter.call.may_be_a_leaf, waiter.call.piece)).collect();
        // If two loops of futures run side by side, one of them ends last. So a future may be a tail, as in a leaf.
        let futures =
            self.tickets.iter().filter(|ticket| ticket.group == group).map(|ticket| (ticket.entry, true, 0));
        let waiting: Vec<(u64, bool, u64)> = threads.into_iter().chain(futures).collect();
        self.waiters.retain(|waiter| waiter.group != group);
        let Some(place) = self.groups.iter().position(|candidate| candidate.id == group) else { return };
        let number = self.numbers;
        let group = &mut self.groups[place];
        let (entry, _, piece) = waiting.iter().min().copied().unwrap_or((group.rhythm.entries(), false, 0));
        group.rhythm.lone(Lone {
            entry,
            inside,
            is_proven: matches!(alone, Alone::Proven | Alone::Stuck(_)),
            // If several threads each run a loop, one of them ends last. So its calls may be a tail, as in a leaf.
            may_be_a_leaf: group.has_several_outsiders || waiting.iter().any(|(_, may_be, _)| *may_be),
            piece,
        });
        group.waited = None;
        match alone {
            Alone::Proven => group.proven_for(u64::MAX),
            Alone::Stuck(_) => group.proven_for(number),
            Alone::LetGo | Alone::Undecided(_) => {}
        }
        if matches!(alone, Alone::Stuck(_) | Alone::Undecided(_)) {
            group.rhythm.limit_was_reached();
        }
        let limits = group.rhythm.limits();
        let evidence = self.rules[group.rule].evidence_mut(group.visit.batch);
        evidence.limits = evidence.limits.max(limits);
        match alone {
            Alone::LetGo => evidence.was_let_go = true,
            Alone::Proven => evidence.was_alone = true,
            Alone::Stuck(undecided) => {
                evidence.was_alone = true;
                Undecided::keep_longest(&mut evidence.stuck, undecided);
            }
            Alone::Undecided(undecided) => Undecided::keep_longest(&mut evidence.undecided, undecided),
        }
    }

    /// A call of the group at this index came from the attached future `root`, or by an unknown way (`None`). If that way was not known
    /// when a wait was taken for proven, the call could have come during that wait. So that wait is undecided now.
    pub(super) fn came_by(&mut self, group: usize, root: Option<u64>) {
        let group = &mut self.groups[group];
        if group.proven_for.is_none_or(|number| root.is_some_and(|root| root <= number)) {
            return;
        }
        group.proven_for = None;
        group.rhythm.proves_nothing();
        let evidence = self.rules[group.rule].evidence_mut(group.visit.batch);
        match evidence.stuck.take() {
            Some(stuck) => Undecided::keep_longest(&mut evidence.undecided, stuck),
            None => evidence.was_let_go = true,
        }
    }

    /// A pass has ended, so that the number of its calls is known and it can be judged. If the pass was cancelled, lanes and futures of it may still
    /// be held. Their waits end here. Returns the wakers of the futures.
    pub(super) fn pass_ends(&mut self, visit: Visit, was_stopped: bool) -> Vec<Waker> {
        if let Some(i) = self.passes.iter().position(|pass| *pass == visit.pass) {
            self.passes.swap_remove(i);
        }
        let mut ended = BTreeSet::new();
        let State { groups, rules, .. } = self;
        groups.retain(|group| {
            if group.visit != visit {
                return true;
            }
            ended.insert(group.id);
            let rule = &mut rules[group.rule];
            let calls = group.rhythm.entries();
            if !was_stopped && group.rhythm.meetings() == 0 && calls >= rule.n as u64 {
                let stretch = group.rhythm.open_stretch();
                rule.evidence_mut(visit.batch).add_unmet_pass(UnmetPass {
                    calls,
                    most: stretch.map_or(0, |stretch| stretch.most),
                    is_proven: !group.was_let_go && stretch.is_some_and(|stretch| stretch.is_proven),
                });
            }
            false
        });
        self.waiters.retain(|waiter| !ended.contains(&waiter.group));
        self.take_wakers(|ticket| ended.contains(&ticket.group))
    }

    pub(super) fn evidence(&self, probe: &str) -> Option<(usize, Vec<(u32, Evidence)>)> {
        let place = self.rules.iter().position(|rule| rule.probe == probe)?;
        let rule = &self.rules[place];
        let mut all = rule.evidence.clone();
        // For calls outside of passes, the only evidence may be in their group yet.
        for group in self.groups.iter().filter(|group| group.rule == place && group.visit.pass == 0) {
            let stretch = group.rhythm.longest_serial();
            match all.iter_mut().find(|(batch, _)| *batch == group.visit.batch) {
                Some((_, evidence)) => evidence.stretch = stretch,
                None => all.push((group.visit.batch, Evidence { stretch, ..Evidence::default() })),
            }
        }
        Some((rule.n, all))
    }

    /// The workers that wait in the hold.
    pub(super) fn waiting_workers(&self) -> BTreeSet<usize> {
        self.waiters.iter().filter_map(|waiter| waiter.worker).collect()
    }

    /// Whether the queues of the waiting workers are empty.
    pub(super) fn queues_are_empty(&self) -> bool {
        self.waiters.iter().all(|waiter| waiter.flushed.load(Ordering::Relaxed))
    }

    /// Removes the futures for which `is_one` is true from the list, so that their waits end. Returns their wakers.
    pub(super) fn take_wakers(&mut self, is_one: impl Fn(&Ticket) -> bool) -> Vec<Waker> {
        let mut wakers = Vec::new();
        self.tickets.retain_mut(|ticket| {
            let goes = is_one(ticket);
            if goes {
                wakers.extend(ticket.waker.take());
            }
            !goes
        });
        wakers
    }
}
