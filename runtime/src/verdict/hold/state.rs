//! `State`: what the threads of a hold share under its lock.

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
    /// Jobs sent to the pool from outside that have not begun.
    pub(super) jobs_on_their_way: usize,
    pub(super) handles: Handles,
    pub(super) offloads: usize,
    /// Rights to passes that are not used, by batch.
    pub(super) rights: BTreeMap<u32, usize>,
    pub(super) passes: Vec<u64>,
    /// The passes to which more than their lanes may bring calls.
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

    /// Counts an entry of a probe. Returns the place of its group and its number there; `None` if the probe is not held, or is
    /// no longer.
    pub(super) fn enter(&mut self, probe: &str, gauge: &Gauge, visit: Visit) -> Option<(usize, u64)> {
        let rule = self.rules.iter().position(|rule| rule.probe == probe)?;
        self.rules[rule].was_entered = true;
        if self.is_closed {
            return None;
        }
        // A lane may outlive the pass that was given up: nobody judges what it calls.
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

    /// How many have to be inside at once, for the group at this place.
    pub(super) fn n_of(&self, group: usize) -> usize {
        self.rules[self.groups[group].rule].n
    }

    /// This thread enters a group while so many are inside: whether at least `n` meet.
    pub(super) fn meets(&mut self, group: usize, inside: usize, n: usize) -> bool {
        let Group { rule, visit, .. } = self.groups[group];
        let came = self.rules[rule].came_mut(visit.batch);
        let this = this_thread();
        if came.len() < n && !came.contains(&this) {
            came.push(this);
        }
        inside >= n && came.len() >= n
    }

    /// Whether this thread is still to wait. Not whether its group is armed: that may be so again before a thread that was let
    /// go is awake.
    pub(super) fn waits(&self, id: u64) -> bool {
        self.waiters.iter().any(|waiter| waiter.id == id)
    }

    pub(super) fn group_mut(&mut self, id: u64) -> Option<&mut Group> {
        self.groups.iter_mut().find(|group| group.id == id)
    }

    pub(super) fn group(&self, id: u64) -> Option<&Group> {
        self.groups.iter().find(|group| group.id == id)
    }

    /// Enough threads are inside of this gauge, the last of them by a call of this group. Lets those go that wait for it: from
    /// now on they run, even if they are not awake yet.
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

    /// These groups have waited for a `step` of free time more. Returns those whose limit is over, with how long they have waited.
    pub(super) fn have_waited(
        &mut self,
        waiting: &BTreeSet<u64>,
        step: Duration,
        limit: Duration,
    ) -> Vec<(u64, Duration)> {
        let mut over = Vec::new();
        for group in self.groups.iter_mut().filter(|group| waiting.contains(&group.id)) {
            // What begins between two looks has not waited for all of the time between them.
            let waited = group.waited.map_or(Duration::ZERO, |waited| waited + step);
            group.waited = Some(waited);
            if waited >= group.rhythm.limit(limit) {
                over.push((group.id, waited));
            }
        }
        over
    }

    /// Whether threads of other visits wait beside a group, so that no worker is free for what they all wait for.
    pub(super) fn others_wait(&self, visit: Visit) -> bool {
        self.waiters.iter().any(|waiter| self.group(waiter.group).is_some_and(|group| group.visit != visit))
    }

    /// Lets threads go of which nothing is learnt: they wait in other groups, and keep workers from what one group waits for. A
    /// group outside of passes goes before one of a pass.
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

    /// What is known of these groups since their last meeting is no proof.
    pub(super) fn doubt(&mut self, is_one: impl Fn(&Group) -> bool) {
        let State { groups, rules, .. } = self;
        for group in groups.iter_mut().filter(|group| is_one(group)) {
            group.was_let_go = true;
            group.rhythm.was_given_up();
            rules[group.rule].evidence_mut(group.visit.batch).was_let_go = true;
        }
    }

    /// The wait of a group ended, and nobody had come. Only this group is let go: when its calls go on, they may be what
    /// another group waits for.
    pub(super) fn alone(&mut self, group: u64, inside: usize, alone: Alone) {
        let threads = self.waiters.iter().filter(|waiter| waiter.group == group);
        // Another worker could have taken what was taken up there: which of them does is luck.
        let is_on_top = threads.clone().any(|waiter| waiter.call.is_on_top);
        // Who waits in another group may have come to this one, had the hold not kept it.
        let others_wait = self.waiters.iter().any(|waiter| waiter.group != group)
            || self.tickets.iter().any(|ticket| ticket.group != group);
        let alone = match alone {
            Alone::Proven if is_on_top || others_wait => Alone::LetGo,
            Alone::Stuck(undecided) if others_wait => Alone::Undecided(undecided),
            alone => alone,
        };
        let threads: Vec<(u64, bool, u64)> =
            threads.map(|waiter| (waiter.entry, waiter.call.may_be_a_leaf, waiter.call.piece)).collect();
        // Of two loops of futures beside one another one ends last, as of two leaves.
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
            // Of several threads that each have a loop, one ends last, as of several leaves.
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

    /// A call of the group at this place came by the attached future `root`, or by a way that is not known (`None`). If nobody knew of
    /// that way when a wait was taken for proven, the call could have come then: what was proven is undecided.
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

    /// A pass is over: whether its calls should have met is known now. A lane that is held still is let go, and so is a future, by
    /// its waker: the pass was given up.
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
        // What is outside of passes may have no evidence but that of its group yet.
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

    /// Whether everything has been taken that the waiting workers had in their queues.
    pub(super) fn queues_are_empty(&self) -> bool {
        self.waiters.iter().all(|waiter| waiter.flushed.load(Ordering::Relaxed))
    }

    /// Takes the futures off the list that are let go, with what wakes them.
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
