//! `Model`: what the readings have to be, from lists of who is where.

use crate::probes::{Kind, PROBES};
use crate::program::{Action, SLOTS, Step, THREADS};

/// All that happened so far.
#[derive(Default)]
pub(crate) struct Model {
    threads: [Vec<Frame>; THREADS],
    /// Every scope that was ever opened.
    pub(crate) scopes: Vec<Scope>,
    slots: [Option<usize>; SLOTS],
    futures: [Option<Future>; SLOTS],
    /// Guards outside of all frames.
    outside: [Vec<Entry>; THREADS],
    unattributed: [u64; PROBES.len()],
    entries: usize,
}

pub(crate) struct Scope {
    name: usize,
    wide: bool,
    open: bool,
    forgotten: bool,
    tallies: [Tally; PROBES.len()],
    unattributed_before: [u64; PROBES.len()],
    unattributed_at_close: Option<[u64; PROBES.len()]>,
}

/// Of one probe in one scope.
#[derive(Default)]
struct Tally {
    calls: u64,
    flying: Vec<usize>,
    inside: Vec<(usize, usize)>,
    max_flying: usize,
    max_threads: usize,
}

/// A call and where it is counted.
#[derive(Clone, Copy)]
struct Entry {
    number: usize,
    probe: usize,
    scope: Option<usize>,
}

struct Frame {
    /// The scope that is current in it, beside those of the frames below.
    current: Option<usize>,
    /// Whose `run` it is.
    slot: Option<usize>,
    /// The call, or the poll.
    entry: Option<Entry>,
    /// The future that is polled.
    future: Option<usize>,
    guards: Vec<Entry>,
}

#[derive(Clone, Copy)]
struct Future {
    probe: usize,
    attached: Option<usize>,
    /// From the first poll on.
    flight: Option<Entry>,
    is_polled: bool,
}

/// `(calls, in_flight, max_in_flight, max_concurrent, unattributed)`.
pub(crate) type Reading = (u64, usize, usize, usize, u64);

impl Model {
    pub(crate) fn allows(&self, Step { thread, action }: Step) -> bool {
        let frames = &self.threads[thread];
        match action {
            Action::Open { slot, .. } => self.slots[slot].is_none(),
            Action::OpenWide { slot, name } => {
                let other = self.scopes.iter().any(|scope| scope.open && scope.wide && scope.name == name);
                self.slots[slot].is_none() && !other
            }
            Action::Close { slot, .. } => {
                let runs = self.threads.iter().flatten().any(|frame| frame.slot == Some(slot));
                self.slots[slot].is_some() && !runs
            }
            Action::Run { slot } => self.slots[slot].is_some() && frames.len() < 8,
            Action::Call { .. } => frames.len() < 8,
            Action::Block { .. } => true,
            Action::Unblock { nth } => nth < self.guards(thread).len(),
            Action::Make { future, .. } => self.futures[future].is_none(),
            Action::MakeAttached { future, slot, .. } => {
                self.futures[future].is_none() && self.slots[slot].is_some()
            }
            Action::Poll { future } => self.futures[future].is_some_and(|f| !f.is_polled) && frames.len() < 8,
            Action::Drop { future } => self.futures[future].is_some_and(|f| !f.is_polled),
            Action::Leave { .. } => !frames.is_empty(),
            Action::Panic { frames: n } => n <= frames.len(),
        }
    }

    pub(crate) fn apply(&mut self, Step { thread, action }: Step) {
        match action {
            Action::Open { slot, name } => self.open(slot, name, false),
            Action::OpenWide { slot, name } => self.open(slot, name, true),
            Action::Close { slot, forgets } => {
                let scope = &mut self.scopes[self.slots[slot].take().unwrap()];
                (scope.open, scope.forgotten) = (false, forgets);
                scope.unattributed_at_close = Some(self.unattributed);
            }
            Action::Run { slot } => {
                self.begin(thread, Frame { slot: Some(slot), ..Frame::of(self.slots[slot]) });
            }
            Action::Call { probe } => {
                let entry = self.enter(thread, probe);
                self.begin(thread, Frame { entry: Some(entry), ..Frame::of(None) });
            }
            Action::Block { probe } => {
                let entry = self.enter(thread, probe);
                self.guards_mut(thread).push(entry);
            }
            Action::Unblock { nth } => {
                let entry = self.guards_mut(thread).remove(nth);
                self.exit(entry);
            }
            Action::Make { future, probe } => self.make(future, probe, None),
            Action::MakeAttached { future, probe, slot } => self.make(future, probe, self.slots[slot]),
            Action::Poll { future } => self.poll(thread, future),
            Action::Drop { future } => {
                let dropped = self.futures[future].take().unwrap();
                if let Some(flight) = dropped.flight {
                    self.exit(flight);
                }
            }
            Action::Leave { ready } => self.end(thread, ready),
            Action::Panic { frames } => (0..frames).for_each(|_| self.end(thread, true)),
        }
    }

    fn open(&mut self, slot: usize, name: usize, wide: bool) {
        self.slots[slot] = Some(self.scopes.len());
        self.scopes.push(Scope {
            name,
            wide,
            open: true,
            forgotten: false,
            tallies: Default::default(),
            unattributed_before: self.unattributed,
            unattributed_at_close: None,
        });
    }

    fn make(&mut self, future: usize, probe: usize, attached: Option<usize>) {
        self.futures[future] = Some(Future { probe, attached, flight: None, is_polled: false });
    }

    fn begin(&mut self, thread: usize, frame: Frame) {
        self.threads[thread].push(frame);
    }

    fn poll(&mut self, thread: usize, i: usize) {
        let mut future = self.futures[i].unwrap();
        self.begin(thread, Frame { future: Some(i), ..Frame::of(future.attached) });
        let flight = future.flight.unwrap_or_else(|| self.enter(thread, future.probe));
        let polling = Entry { number: self.number(), ..flight };
        let polls = PROBES[future.probe].2 == Kind::Polls;
        if let Some(tally) = self.tally(polling).filter(|_| polls) {
            tally.inside.push((polling.number, thread));
            tally.look();
        }
        self.threads[thread].last_mut().unwrap().entry = Some(polling);
        (future.flight, future.is_polled) = (Some(flight), true);
        self.futures[i] = Some(future);
    }

    /// Ends a frame; what is polled is ready, or has panicked, or stays.
    fn end(&mut self, thread: usize, ready: bool) {
        let frame = self.threads[thread].pop().unwrap();
        for entry in frame.guards.into_iter().chain(frame.entry) {
            self.exit(entry);
        }
        let Some(i) = frame.future else { return };
        let future = self.futures[i].as_mut().unwrap();
        future.is_polled = false;
        if ready {
            let flight = future.flight;
            self.futures[i] = None;
            if let Some(flight) = flight {
                self.exit(flight);
            }
        }
    }

    /// A call goes to the innermost current scope of its name, else to the process-wide one, else to nobody.
    fn enter(&mut self, thread: usize, probe: usize) -> Entry {
        let name = PROBES[probe].0;
        let current = self.threads[thread].iter().rev().filter_map(|frame| frame.current);
        let current = current.into_iter().find(|&scope| self.scopes[scope].name == name);
        let wide = || self.scopes.iter().position(|scope| scope.open && scope.wide && scope.name == name);
        let entry = Entry { probe, scope: current.or_else(wide), number: self.number() };
        if let Some(tally) = self.tally(entry) {
            tally.calls += 1;
            tally.flying.push(entry.number);
            if PROBES[probe].2 == Kind::Sync {
                tally.inside.push((entry.number, thread));
            }
            tally.look();
        } else if self.scopes.iter().any(|scope| scope.open && scope.name == name) {
            self.unattributed[probe] += 1;
        }
        entry
    }

    fn exit(&mut self, entry: Entry) {
        if let Some(tally) = self.tally(entry) {
            tally.flying.retain(|number| *number != entry.number);
            tally.inside.retain(|(number, _)| *number != entry.number);
        }
    }

    fn number(&mut self) -> usize {
        self.entries += 1;
        self.entries
    }

    fn tally(&mut self, entry: Entry) -> Option<&mut Tally> {
        entry.scope.map(|scope| &mut self.scopes[scope].tallies[entry.probe])
    }

    fn guards(&self, thread: usize) -> &[Entry] {
        self.threads[thread].last().map_or(&self.outside[thread], |frame| &frame.guards)
    }

    fn guards_mut(&mut self, thread: usize) -> &mut Vec<Entry> {
        self.threads[thread].last_mut().map_or(&mut self.outside[thread], |frame| &mut frame.guards)
    }

    /// What ends everything that is under way.
    pub(crate) fn steps_to_the_end(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        for (thread, frames) in self.threads.iter().enumerate() {
            steps.extend(frames.iter().map(|_| Step { thread, action: Action::Leave { ready: true } }));
            let guards = &self.outside[thread];
            steps.extend(guards.iter().map(|_| Step { thread, action: Action::Unblock { nth: 0 } }));
        }
        let futures = self.futures.iter().enumerate();
        let stay = futures.filter(|(_, future)| future.is_some_and(|future| !future.is_polled));
        steps.extend(stay.map(|(future, _)| Step { thread: 0, action: Action::Drop { future } }));
        let open = self.slots.iter().enumerate().filter(|(_, scope)| scope.is_some());
        steps
            .extend(open.map(|(slot, _)| Step { thread: 1, action: Action::Close { slot, forgets: false } }));
        steps
    }

    pub(crate) fn is_at_rest(&self) -> bool {
        let mut tallies = self.scopes.iter().flat_map(|scope| &scope.tallies);
        tallies.all(|tally| tally.flying.is_empty() && tally.inside.is_empty())
    }

    /// What a scope has to read, if the probe is of its name and anybody can still look.
    pub(crate) fn reading(&self, scope: usize, probe: usize) -> Option<Reading> {
        let scope = &self.scopes[scope];
        let tally = &scope.tallies[probe];
        let unattributed = scope.unattributed_at_close.unwrap_or(self.unattributed)[probe];
        let unattributed = unattributed - scope.unattributed_before[probe];
        (scope.name == PROBES[probe].0 && !scope.forgotten).then_some((
            tally.calls,
            tally.flying.len(),
            tally.max_flying,
            tally.max_threads,
            unattributed,
        ))
    }
}

impl Frame {
    fn of(current: Option<usize>) -> Self {
        Frame { current, slot: None, entry: None, future: None, guards: Vec::new() }
    }
}

impl Tally {
    /// Looks how many there are.
    fn look(&mut self) {
        let mut threads: Vec<_> = self.inside.iter().map(|(_, thread)| thread).collect();
        threads.sort_unstable();
        threads.dedup();
        self.max_threads = self.max_threads.max(threads.len());
        self.max_flying = self.max_flying.max(self.flying.len());
    }
}
