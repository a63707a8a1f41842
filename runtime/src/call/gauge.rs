//! `Gauge`: the counts of one probe in one batch: calls, calls in flight, threads inside, and the peaks.
//!
//! # Orderings
//!
//! The counts are one word, changed by one read-modify-write an entry and one an exit. A read-modify-write
//! sees the latest value whatever its ordering, so the peaks taken from its result are exact with `Relaxed`.
//! A reader that must see all of it is ordered after the calls by what it waited for (a pass, a join), not by
//! the gauge. Exits are `Release` because a board is given to its next scope only after it was seen at rest
//! (`Acquire`): the last access of the old scope's guard comes before the reset. Entries are not `Acquire`:
//! nothing is published through the count. `SeqCst` is used nowhere here: no second variable is compared.

use crate::base::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use crate::base::sync::{OnceBox, OnceRef};
use crate::call::key::{Key, Kind};
use std::ops::Deref;

/// The atomic holder. A plain copy of its values is a [`Counts`].
///
/// It has two cache lines: one for what each call changes, and one for what few calls change. A thread that looks up the gauge and
/// reads the peaks then does not wait for the line that all others write to.
#[derive(Default)]
pub(crate) struct Gauge {
    word: Word,
    /// How often the calls in `word` overflowed.
    calls_carry: AtomicU32,
    max_in_flight: AtomicU32,
    max_threads: AtomicU32,
    /// The probe that has this gauge, or 0.
    key: AtomicU32,
    /// The bits of a [`Watch`]: what entries must do beside being counted. Set before a scope uses the board,
    /// when the first entry has found out whether this probe is held, and when the scope closes.
    watch: AtomicU32,
    /// Entries of a thread that was inside already, and began another job while it waited.
    stolen: AtomicU32,
    /// Entries made inside a poll of a `polls` probe.
    blocked: BlockedPolls,
    /// Shared by all futures that are not recorded.
    flight: Flight,
    /// One for each future that is recorded.
    recorded: OnceBox<Flights>,
}

/// The counts, alone on their cache line.
#[derive(Default)]
#[repr(align(64))]
struct Word(AtomicU64);

impl Deref for Word {
    type Target = AtomicU64;

    fn deref(&self) -> &AtomicU64 {
        &self.0
    }
}

/// The counts of a gauge at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) calls: u64,
    pub(crate) in_flight: usize,
    pub(crate) max_in_flight: usize,
    pub(crate) max_threads: usize,
    pub(crate) stolen: u64,
}

/// Whether entries of a gauge may have to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum HoldState {
    NotHeld,
    /// The scope holds a probe. It is not known yet whether it is this one.
    Unknown,
    Held,
}

/// What entries on a board must do beside being counted. It is nothing, unless their scope holds a probe or has a timeline.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Watch {
    /// Whether the scope holds a probe.
    pub(crate) has_hold: bool,
    /// The number of the scope's recorder, or 0 if the scope has no timeline.
    pub(crate) recorder: u8,
    /// The number of the batch, for the recorder.
    pub(crate) batch: u32,
}

// The bits of a watch: hold state (2), closed (1), recorder (8), batch (21). Batches beyond two million are drawn as the last one.
const HOLD_STATE: u32 = 3;
const CLOSED: u32 = 4;
const RECORDER_AT: u32 = 3;
const BATCH_AT: u32 = 11;
const MAX_BATCH: u32 = (1 << 21) - 1;

impl Watch {
    /// The watch as bits. They are 0 if there is nothing to do.
    pub(crate) fn bits(self) -> u32 {
        let held = if self.has_hold { HoldState::Unknown } else { HoldState::NotHeld };
        let batch = if self.recorder == 0 { 0 } else { self.batch.min(MAX_BATCH) };
        held as u32 | u32::from(self.recorder) << RECORDER_AT | batch << BATCH_AT
    }
}

// The word: threads inside (16 bits), in flight (27 bits), calls (21 bits, the rest in `calls_carry`). The widths
// are limits: 65,535 threads inside one probe, and 134 million calls in flight at once. The number of calls has no limit.
const THREAD: u64 = 1;
const IN_FLIGHT: u64 = 1 << 16;
const CALL: u64 = 1 << 43;
const CALLS_BITS: u32 = 21;

fn threads(word: u64) -> u32 {
    (word & 0xffff) as u32
}

fn in_flight(word: u64) -> u32 {
    (word >> 16 & 0x07ff_ffff) as u32
}

fn calls(word: u64) -> u64 {
    word >> 43
}

impl Gauge {
    /// A call begins. `first`: its thread was not inside before.
    #[inline]
    pub(crate) fn enter_sync(&self, first: bool) {
        let add = if first { CALL + IN_FLIGHT + THREAD } else { CALL + IN_FLIGHT };
        let before = self.add_call(add);
        raise(&self.max_in_flight, in_flight(before) + 1);
        raise(&self.max_threads, threads(before) + u32::from(first));
    }

    /// A call ends. `last`: its thread is not inside any more.
    #[inline]
    pub(crate) fn exit_sync(&self, last: bool) {
        self.word.fetch_sub(if last { IN_FLIGHT + THREAD } else { IN_FLIGHT }, Ordering::Release);
    }

    /// A call ends on another thread than it began on, because the guard was moved there. `first`: its own thread was outside
    /// before it. The number of threads never goes below zero, so that no count borrows from its neighbour in the word.
    #[cold]
    pub(crate) fn exit_elsewhere(&self, first: bool) {
        let mut word = self.word.load(Ordering::Relaxed);
        loop {
            let thread = if first && threads(word) > 0 { THREAD } else { 0 };
            match self.word.compare_exchange(
                word,
                word - IN_FLIGHT - thread,
                Ordering::Release,
                Ordering::Relaxed,
            ) {
                Ok(_) => return,
                Err(seen) => word = seen,
            }
        }
    }

    /// A poll ends on another thread than it began on. As in [`Gauge::exit_elsewhere`].
    #[cold]
    pub(crate) fn exit_poll_elsewhere(&self, first: bool) {
        let mut word = self.word.load(Ordering::Relaxed);
        while first && threads(word) > 0 {
            match self.word.compare_exchange(word, word - THREAD, Ordering::Release, Ordering::Relaxed) {
                Ok(_) => return,
                Err(seen) => word = seen,
            }
        }
    }

    /// A future is polled for the first time.
    #[inline]
    pub(crate) fn enter_async(&self) {
        let before = self.add_call(CALL + IN_FLIGHT);
        raise(&self.max_in_flight, in_flight(before) + 1);
    }

    /// A future that was polled is dropped.
    #[inline]
    pub(crate) fn exit_async(&self) {
        self.word.fetch_sub(IN_FLIGHT, Ordering::Release);
    }

    /// A thread begins to poll.
    #[inline]
    pub(crate) fn enter_poll(&self) {
        let before = self.word.fetch_add(THREAD, Ordering::Relaxed);
        raise(&self.max_threads, threads(before) + 1);
    }

    /// A thread has polled.
    #[inline]
    pub(crate) fn exit_poll(&self) {
        self.word.fetch_sub(THREAD, Ordering::Release);
    }

    #[inline]
    fn add_call(&self, add: u64) -> u64 {
        let before = self.word.fetch_add(add, Ordering::Relaxed);
        if calls(before) == (1 << CALLS_BITS) - 1 {
            // The carry left the word at its top, and changed no other count.
            self.calls_carry.fetch_add(1, Ordering::Relaxed);
        }
        before
    }

    /// How many threads are inside now.
    pub(crate) fn threads_inside(&self) -> usize {
        threads(self.word.load(Ordering::Relaxed)) as usize
    }

    /// How many calls have begun and not ended.
    pub(crate) fn in_flight(&self) -> usize {
        in_flight(self.word.load(Ordering::Relaxed)) as usize
    }

    /// Counts an entry of a thread that began another job while it waited inside.
    #[cold]
    pub(crate) fn count_stolen(&self) {
        self.stolen.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn counts(&self) -> Counts {
        let word = self.word.load(Ordering::Relaxed);
        Counts {
            calls: u64::from(self.calls_carry.load(Ordering::Relaxed)) << CALLS_BITS | calls(word),
            in_flight: in_flight(word) as usize,
            max_in_flight: self.max_in_flight.load(Ordering::Relaxed) as usize,
            max_threads: self.max_threads.load(Ordering::Relaxed) as usize,
            stolen: self.stolen.load(Ordering::Relaxed).into(),
        }
    }

    pub(crate) fn blocked(&self) -> &BlockedPolls {
        &self.blocked
    }

    /// The probe that has this gauge.
    pub(crate) fn key(&self) -> Option<Key> {
        Key::from_bits(self.key.load(Ordering::Relaxed))
    }

    pub(crate) fn kind(&self) -> Option<Kind> {
        self.key().map(Key::kind)
    }

    /// Whether entries are only counted, with nothing else to do.
    #[inline]
    pub(crate) fn is_plain(&self) -> bool {
        self.watch.load(Ordering::Relaxed) == 0
    }

    /// Whether it is known that this probe is not held.
    pub(crate) fn is_not_held(&self) -> bool {
        self.held() == HoldState::NotHeld as u32
    }

    /// Whether it is known that this probe is held.
    pub(crate) fn is_held(&self) -> bool {
        self.held() == HoldState::Held as u32
    }

    fn held(&self) -> u32 {
        self.watch.load(Ordering::Relaxed) & HOLD_STATE
    }

    /// The number of the scope's recorder, or 0 if there is none, and the number of the batch.
    pub(crate) fn recorder(&self) -> (u32, u32) {
        let watch = self.watch.load(Ordering::Relaxed);
        (watch >> RECORDER_AT & 0xff, watch >> BATCH_AT)
    }

    /// `Relaxed`: a thread that reads too early finds `Unknown`, and finds out by itself.
    pub(crate) fn set_held(&self, held: HoldState) {
        self.change_watch(|watch| watch & !HOLD_STATE | held as u32);
    }

    /// The scope has closed, and does not count later calls. `Relaxed`: see [`recorder`](super::recorder).
    pub(crate) fn close(&self) {
        self.change_watch(|watch| if watch == 0 { 0 } else { watch | CLOSED });
    }

    /// Whether the scope has closed.
    pub(crate) fn is_closed(&self) -> bool {
        self.watch.load(Ordering::Relaxed) & CLOSED != 0
    }

    fn change_watch(&self, change: impl Fn(u32) -> u32) {
        let mut watch = self.watch.load(Ordering::Relaxed);
        while let Err(seen) =
            self.watch.compare_exchange(watch, change(watch), Ordering::Relaxed, Ordering::Relaxed)
        {
            watch = seen;
        }
    }

    /// Sets what entries must do beside being counted. Called before the first entry.
    pub(crate) fn set_watch(&self, bits: u32) {
        self.watch.store(bits, Ordering::Relaxed);
    }

    /// The flight of a future that was counted here and is not recorded.
    #[inline]
    pub(crate) fn flight(&'static self) -> &'static Flight {
        if self.flight.gauge.get().is_none() {
            let _ = self.flight.gauge.set(self);
        }
        &self.flight
    }

    /// The flight of a future that was counted here and is recorded at this place.
    #[cold]
    pub(crate) fn flight_at(&'static self, place: u32) -> &'static Flight {
        let mut size = Flights::FIRST;
        let mut more = &self.recorded;
        loop {
            let flights = more.get_or_init(|| Box::new(Flights::new(self, size)));
            if let Some(flight) = flights.take(place) {
                return flight;
            }
            size *= 2;
            more = &flights.more;
        }
    }

    /// Takes the gauge for a probe. Returns true if the probe has it now, or had it already.
    #[inline]
    pub(crate) fn claim(&self, key: Key) -> bool {
        let owner = self.key.load(Ordering::Relaxed);
        owner == key.bits()
            || (owner == 0
                && self
                    .key
                    .compare_exchange(0, key.bits(), Ordering::Relaxed, Ordering::Relaxed)
                    .map_or_else(|owner| owner == key.bits(), |_| true))
    }

    /// Whether nothing is in flight and no thread inside.
    pub(crate) fn is_at_rest(&self) -> bool {
        let word = self.word.load(Ordering::Acquire);
        threads(word) == 0 && in_flight(word) == 0
    }

    /// Resets the gauge. Only for a board at rest that no scope has.
    pub(crate) fn reset(&self) {
        self.word.store(0, Ordering::Relaxed);
        self.calls_carry.store(0, Ordering::Relaxed);
        self.max_in_flight.store(0, Ordering::Relaxed);
        self.max_threads.store(0, Ordering::Relaxed);
        self.key.store(0, Ordering::Relaxed);
        self.set_watch(0);
        self.stolen.store(0, Ordering::Relaxed);
        self.blocked.reset();
    }
}

/// Raises a peak. It loads first, because a new peak is rare, and a load does not take the cache line from other threads.
#[inline]
fn raise(peak: &AtomicU32, seen: u32) {
    if seen > peak.load(Ordering::Relaxed) {
        peak.fetch_max(seen, Ordering::Relaxed);
    }
}

/// A future in flight. The future has one word for it, a reference, whether it is recorded or not.
#[derive(Default)]
pub(crate) struct Flight {
    /// The gauge that counts it.
    gauge: OnceRef<'static, Gauge>,
    /// The place of its span plus one. 0 if the future is not recorded, or if no future has this flight now.
    place: AtomicU32,
}

impl Flight {
    /// The gauge, and the place of the span.
    #[inline]
    pub(crate) fn counted(&self) -> Option<(&'static Gauge, Option<u32>)> {
        Some((self.gauge.get()?, self.place.load(Ordering::Relaxed).checked_sub(1)))
    }

    /// The future has ended. Another future may take this flight from now on.
    pub(crate) fn give_back(&self) {
        self.place.store(0, Ordering::Relaxed);
    }
}

/// The flights of recorded futures of a gauge. Each future has its own. They are never freed, as the gauge is not, and are used again: there are as
/// many as futures were in flight at once.
struct Flights {
    all: Box<[Flight]>,
    next: AtomicU32,
    more: OnceBox<Flights>,
}

impl Flights {
    /// How many flights are made first.
    const FIRST: usize = 16;
    /// How many flights a future tries before it goes on to the next block, which is twice as large.
    const TRIES: usize = 8;

    fn new(gauge: &'static Gauge, size: usize) -> Self {
        let all: Box<[Flight]> = (0..size).map(|_| Flight::default()).collect();
        all.iter().for_each(|flight| _ = flight.gauge.set(gauge));
        Flights { all, next: AtomicU32::new(0), more: OnceBox::new() }
    }

    /// Takes a free flight for a future that is recorded at this place. `Relaxed`, because it is one word.
    fn take(&self, place: u32) -> Option<&Flight> {
        let start = self.next.fetch_add(1, Ordering::Relaxed) as usize;
        let some = (0..Flights::TRIES).map(|i| &self.all[(start + i) % self.all.len()]);
        let free = |flight: &&Flight| {
            flight.place.compare_exchange(0, place + 1, Ordering::Relaxed, Ordering::Relaxed).is_ok()
        };
        some.into_iter().find(free)
    }
}

/// How many entries of this gauge's probe were made inside polls, by the `polls` probe. The first such pair has
/// its place here. Further pairs are allocated, because each of them is a finding, and so is rare.
#[derive(Default)]
pub(crate) struct BlockedPolls {
    poll: AtomicU32,
    entries: AtomicU32,
    more: OnceBox<BlockedPolls>,
}

impl BlockedPolls {
    /// Counts an entry inside a poll of `poll`.
    #[cold]
    pub(crate) fn count(&self, poll: Key) {
        let mut pair = self;
        loop {
            let owner = pair
                .poll
                .compare_exchange(0, poll.bits(), Ordering::Relaxed, Ordering::Relaxed)
                .map_or_else(|owner| owner, |_| poll.bits());
            if owner == poll.bits() {
                pair.entries.fetch_add(1, Ordering::Relaxed);
                return;
            }
            pair = pair.more.get_or_init(Box::default);
        }
    }

    /// Each `polls` probe, with the number of entries that were made inside its polls.
    pub(crate) fn pairs(&self) -> Vec<(Key, u32)> {
        std::iter::successors(Some(self), |pair| pair.more.get())
            .filter_map(|pair| {
                let poll = Key::from_bits(pair.poll.load(Ordering::Relaxed))?;
                Some((poll, pair.entries.load(Ordering::Relaxed)))
            })
            .collect()
    }

    fn reset(&self) {
        for pair in std::iter::successors(Some(self), |pair| pair.more.get()) {
            pair.poll.store(0, Ordering::Relaxed);
            pair.entries.store(0, Ordering::Relaxed);
        }
    }
}
