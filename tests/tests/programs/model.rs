//! `Model`: what the readings have to be, from lists of who is where.

use crate::probes::{Kind, LABELS, PROBES};
use crate::program::{Action, SLOTS, Step, THREADS};

/// How many batches a scope has: one for each label, and before those the one that is outside of them.
pub(crate) const BATCHES: usize = 1 + LABELS.len();

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
    tallies: [[Tally; BATCHES]; PROBES.len()],
    unattributed_before: [u64; PROBES.len()],
    unattributed_at_close: Option<[u64; PROBES.len()]>,
}

/// Of one probe in one batch of a scope.
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
    counted: Option<Place>,
}

/// A scope, and which of its batches.
#[derive(Clone, Copy)]
struct Place {
    scope: usize,
    batch: usize,
}

struct Frame {
    /// What is current in it, beside what is in the frames below.
    current: Option<Place>,
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
    /// A scope, and the batch if it was made in one.
    attached: Option<(usize, Option<usize>)>,
    /// From the first poll on.
    flight: Option<Entry>,
    is_polled: bool,
}

/// `(calls, in_flight, max_in_flight, max_concurrent)`.
pub(crate) type Counts = (u64, usize, usize, usize);
/// Of the whole, unattributed ones, and of each batch.
pub(crate) type Reading = (Counts, u64, [Counts; BATCHES]);

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
            Action::Run { slot } | Action::InScope { slot } | Action::RunBatch { slot, .. } => {
                self.slots[slot].is_some() && frames.len() < 8
            }
            Action::Call { .. } => frames.len() < 8,
            Action::Block { .. } => true,
            Action::Unblock { nth } => nth < self.guards(thread).len(),
            Action::Make { future, .. } => self.futures[future].is_none(),
            Action::MakeAttached { future, slot, .. } | Action::MakeInBatch { future, slot, .. } => {
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
            Action::Run { slot } | Action::InScope { slot } => self.run(thread, slot, None),
            Action::RunBatch { slot, label } => self.run(thread, slot, Some(1 + label)),
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
            Action::MakeAttached { future, probe, slot } => {
                self.make(future, probe, self.slots[slot].map(|scope| (scope, None)));
            }
            Action::MakeInBatch { future, probe, slot, label } => {
                self.make(future, probe, self.slots[slot].map(|scope| (scope, Some(1 + label))));
            }
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

    fn make(&mut self, future: usize, probe: usize, attached: Option<(usize, Option<usize>)>) {
        self.futures[future] = Some(Future { probe, attached, flight: None, is_polled: false });
    }

    fn run(&mut self, thread: usize, slot: usize, batch: Option<usize>) {
        let place = self.slots[slot].map(|scope| self.place(thread, scope, batch));
        self.begin(thread, Frame { slot: Some(slot), ..Frame::of(place) });
    }

    /// Where calls are counted in a frame that begins: in its batch, else in the one that is current for its scope.
    fn place(&self, thread: usize, scope: usize, batch: Option<usize>) -> Place {
        let mut current = self.threads[thread].iter().rev().filter_map(|frame| frame.current);
        let batch_here = || current.find(|place| place.scope == scope).map_or(0, |place| place.batch);
        Place { scope, batch: batch.unwrap_or_else(batch_here) }
    }

    fn begin(&mut self, thread: usize, frame: Frame) {
        self.threads[thread].push(frame);
    }

    fn poll(&mut self, thread: usize, i: usize) {
        let mut future = self.futures[i].unwrap();
        let place = future.attached.map(|(scope, batch)| self.place(thread, scope, batch));
        self.begin(thread, Frame { future: Some(i), ..Frame::of(place) });
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

    /// A call goes to the innermost current scope of its name and its batch there, else to the process-wide one and none of its
    /// batches, else to nobody.
    fn enter(&mut self, thread: usize, probe: usize) -> Entry {
        let name = PROBES[probe].0;
        let current = self.threads[thread].iter().rev().filter_map(|frame| frame.current);
        let current = current.into_iter().find(|place| self.scopes[place.scope].name == name);
        let wide = || {
            let is_wide = |scope: &Scope| scope.open && scope.wide && scope.name == name;
            self.scopes.iter().position(is_wide).map(|scope| Place { scope, batch: 0 })
        };
        let entry = Entry { probe, counted: current.or_else(wide), number: self.number() };
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
        entry.counted.map(|place| &mut self.scopes[place.scope].tallies[entry.probe][place.batch])
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
        let mut tallies = self.scopes.iter().flat_map(|scope| scope.tallies.as_flattened());
        tallies.all(|tally| tally.flying.is_empty() && tally.inside.is_empty())
    }

    /// What a scope has to read, if the probe is of its name and anybody can still look: the sum of its batches, and the highest
    /// peak of one.
    pub(crate) fn reading(&self, scope: usize, probe: usize) -> Option<Reading> {
        let scope = &self.scopes[scope];
        let unattributed = scope.unattributed_at_close.unwrap_or(self.unattributed)[probe];
        let unattributed = unattributed - scope.unattributed_before[probe];
        let batches = scope.tallies[probe].each_ref().map(Tally::counts);
        let all = batches.iter().fold(Counts::default(), |all, batch| {
            (all.0 + batch.0, all.1 + batch.1, all.2.max(batch.2), all.3.max(batch.3))
        });
        (scope.name == PROBES[probe].0 && !scope.forgotten).then_some((all, unattributed, batches))
    }
}

impl Frame {
    fn of(current: Option<Place>) -> Self {
        Frame { current, slot: None, entry: None, future: None, guards: Vec::new() }
    }
}

impl Tally {
    fn counts(&self) -> Counts {
        (self.calls, self.flying.len(), self.max_flying, self.max_threads)
    }

    /// Looks how many there are.
    fn look(&mut self) {
        let mut threads: Vec<_> = self.inside.iter().map(|(_, thread)| thread).collect();
        threads.sort_unstable();
        threads.dedup();
        self.max_threads = self.max_threads.max(threads.len());
        self.max_flying = self.max_flying.max(self.flying.len());
    }
}
