//! `Recorder`: keeps when calls, lanes and phases ran, in a fixed number of places.
//!
//! A scope leases a recorder, as it leases its boards. A recorder is never freed, so that a call finds it by its number without a
//! lock. It goes to the next scope only when the last scope has closed and every span that was begun has ended. A span takes its place
//! when it begins. So a long span is kept although many short ones follow it, and so is a span that has not ended.
//!
//! # Orderings
//!
//! `spans` is one word, changed by one read-modify-write when a span begins, and by one when it ends. The first gives each span a place of
//! its own.
//!
//! A call may be counted on a board whose scope closes at that moment. The call takes its place first, and then looks whether the board
//! is closed. The scope closes its boards before it gives the recorder back. The next lease resets `spans` only if it has not changed since it was
//! seen at rest. So there are two cases. The call takes its place before the reset: then the reset fails. Or it takes its place after the reset: then it
//! (`Acquire`) reads what the reset stored (`Release`), and sees that the board is closed.
//!
//! The end of a span is `Release`, and pairs with the `Acquire` load of the lease: the last store of the old scope comes before the reset. A span
//! is published by the `Release` store of its start, which the reader loads with `Acquire`. Its end is stored in the same way.

use crate::base::lock::lock;
use crate::base::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use crate::base::sync::{Mutex, OnceBox, OnceRef, global};

/// How many spans a scope keeps.
pub(crate) const MAX_SPANS: u32 = 65_536;
/// The size of each of the first two chunks. Each further chunk is as large as all before it. A chunk is allocated when its first span begins.
const FIRST_CHUNK: u32 = 64;
const CHUNKS: usize = (MAX_SPANS / FIRST_CHUNK).ilog2() as usize + 1;
/// How many threads' names are kept, and the size of a name in words.
const MAX_THREADS: usize = 256;
const NAME_WORDS: usize = 6;
/// How many different names of phases are kept.
const MAX_NAMES: usize = 1024;

/// The kind of a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// A call, by the bits of its key.
    Call(u32),
    /// A future in flight, by the bits of its key.
    Future(u32),
    /// A poll, by the bits of its key.
    Poll(u32),
    /// A wait of a thread in a hold, by the bits of the key of the probe.
    Wait(u32),
    /// A wait of a future in a hold, by the bits of its key.
    FutureWait(u32),
    /// An item of a pass. Its name is the label of its batch.
    Lane,
    /// A phase, by the index of its name.
    Phase(u32),
}

/// A copy of a span that was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) what: What,
    pub(crate) batch: u32,
    /// The number of its thread in this process.
    pub(crate) thread: u32,
    /// Nanoseconds, as the caller of [`Place::begin`] measured them.
    pub(crate) start: u64,
    /// `None` if it has not ended.
    pub(crate) end: Option<u64>,
}

/// The thread that a span runs on: a number that no other thread of this process has or had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Thread(pub(crate) u32);

pub(crate) struct Recorder {
    /// From 1.
    number: u32,
    is_leased: AtomicBool,
    /// How many scopes have had it.
    leases: AtomicU64,
    /// The number of spans that have begun and not ended (32 bits), and the number of taken places (32 bits).
    spans: AtomicU64,
    left_out: AtomicU64,
    /// `u64::MAX` minus the start of the first span that was left out. 0 if no span was left out.
    left_out_since: AtomicU64,
    chunks: [OnceBox<Vec<Slot>>; CHUNKS],
    threads: OnceBox<Vec<ThreadCell>>,
    names: Mutex<Vec<String>>,
}

/// The place of a span. Times are stored plus one. 0 means that there is no time yet.
#[derive(Default)]
struct Slot {
    start: AtomicU64,
    end: AtomicU64,
    /// Kind (32 bits) and name (32 bits).
    what: AtomicU64,
    /// Batch (32 bits) and thread (32 bits).
    at: AtomicU64,
}

/// The name of a thread.
#[derive(Default)]
struct ThreadCell {
    /// The number of the thread plus one, or 0.
    number: AtomicU32,
    /// Whether the name is stored.
    is_named: AtomicBool,
    name: [AtomicU64; NAME_WORDS],
}

const BEGUN: u64 = 1;
const ACTIVE: u64 = 1 << 32;

/// How many scopes can record at the same time. A gauge has 8 bits for the number of a recorder.
pub(crate) const MAX_RECORDERS: usize = 255;

global!(all: OnceBox<Vec<OnceRef<'static, Recorder>>> = OnceBox::new());

fn recorders() -> &'static [OnceRef<'static, Recorder>] {
    all().get_or_init(|| Box::new((0..MAX_RECORDERS).map(|_| OnceRef::new()).collect()))
}

impl Recorder {
    fn new(number: u32) -> Self {
        Recorder {
            number,
            is_leased: AtomicBool::new(true),
            leases: AtomicU64::new(1),
            spans: AtomicU64::new(0),
            left_out: AtomicU64::new(0),
            left_out_since: AtomicU64::new(0),
            chunks: Default::default(),
            threads: OnceBox::new(),
            names: Mutex::new(Vec::new()),
        }
    }

    /// A recorder for a scope, without spans. `None` if all recorders belong to scopes that are open, or have a call that has not ended.
    pub(crate) fn lease() -> Option<&'static Recorder> {
        for (number, place) in (1..).zip(recorders()) {
            match place.get() {
                Some(recorder) if recorder.lease_if_at_rest() => return Some(recorder),
                Some(_) => {}
                None => {
                    let recorder: &'static Recorder = Box::leak(Box::new(Recorder::new(number)));
                    if place.set(recorder).is_ok() {
                        return Some(recorder);
                    }
                    // Another scope was faster, and this recorder is leaked. It is small, and this happens only if two scopes race for a new place.
                }
            }
        }
        None
    }

    /// The recorder of this number, if there is one.
    pub(crate) fn of(number: u32) -> Option<&'static Recorder> {
        recorders().get((number as usize).checked_sub(1)?)?.get()
    }

    pub(crate) fn number(&self) -> u32 {
        self.number
    }

    /// The number of this lease. No other scope has the same number with this recorder. `Relaxed`, because the caller has an active span, or the
    /// scope.
    pub(crate) fn lease_number(&self) -> u64 {
        self.leases.load(Ordering::Relaxed)
    }

    /// The scope has closed, and so have its boards.
    pub(crate) fn release(&self) {
        self.is_leased.store(false, Ordering::Release);
    }

    fn lease_if_at_rest(&self) -> bool {
        let taken = self.is_leased.compare_exchange(false, true, Ordering::Acquire, Ordering::Relaxed);
        if taken.is_err() {
            return false;
        }
        let spans = self.spans.load(Ordering::Acquire);
        if spans >= ACTIVE {
            self.is_leased.store(false, Ordering::Release);
            return false;
        }
        for slot in self.slots() {
            slot.start.store(0, Ordering::Relaxed);
            slot.end.store(0, Ordering::Relaxed);
        }
        for cell in self.threads.get().into_iter().flatten() {
            cell.number.store(0, Ordering::Relaxed);
            cell.is_named.store(false, Ordering::Relaxed);
        }
        lock(&self.names).clear();
        self.left_out.store(0, Ordering::Relaxed);
        self.left_out_since.store(0, Ordering::Relaxed);
        self.leases.fetch_add(1, Ordering::Relaxed);
        // A late call may have taken a place since. It is about to see that the board is closed.
        let is_reset = self.spans.compare_exchange(spans, 0, Ordering::Release, Ordering::Relaxed).is_ok();
        if !is_reset {
            self.is_leased.store(false, Ordering::Release);
        }
        is_reset
    }

    /// Takes a place for a span, if one is free. Until the place is used or given up, the recorder goes to no other scope.
    pub(crate) fn reserve(&'static self) -> Place {
        // Loads first, so that the number of places does not grow any more once all are taken.
        let is_full = |spans: u64| low(spans) >= MAX_SPANS;
        let add = if is_full(self.spans.load(Ordering::Relaxed)) { ACTIVE } else { ACTIVE + BEGUN };
        let spans = self.spans.fetch_add(add, Ordering::Acquire);
        Place { recorder: self, place: (!is_full(spans)).then(|| low(spans)) }
    }

    /// A span that began at `start` found no free place.
    pub(crate) fn leave_out(&self, start: u64) {
        self.left_out.fetch_add(1, Ordering::Relaxed);
        let since = u64::MAX - start;
        if since > self.left_out_since.load(Ordering::Relaxed) {
            self.left_out_since.fetch_max(since, Ordering::Relaxed);
        }
    }

    /// Stores the name of a thread. If there is no room, the thread has no name.
    pub(crate) fn name_thread(&self, thread: Thread, name: &str) {
        let cells = || Box::new((0..MAX_THREADS).map(|_| ThreadCell::default()).collect());
        for cell in self.threads.get_or_init(cells) {
            let taken = cell.number.compare_exchange(0, thread.0 + 1, Ordering::Relaxed, Ordering::Relaxed);
            match taken {
                Ok(_) => {
                    for (word, bytes) in cell.name.iter().zip(words(name)) {
                        word.store(bytes, Ordering::Relaxed);
                    }
                    cell.is_named.store(true, Ordering::Release);
                    return;
                }
                Err(number) if number == thread.0 + 1 => return,
                Err(_) => {}
            }
        }
    }

    /// The index of a name among the names of phases. `None` if there is no room for another name.
    pub(crate) fn name(&self, name: &str) -> Option<u32> {
        let mut names = lock(&self.names);
        let place = names.iter().position(|known| known == name).or_else(|| {
            (names.len() < MAX_NAMES).then(|| {
                names.push(name.to_owned());
                names.len() - 1
            })
        });
        place.and_then(|place| u32::try_from(place).ok())
    }

    fn slots(&self) -> impl Iterator<Item = &Slot> {
        let taken = low(self.spans.load(Ordering::Acquire)).min(MAX_SPANS) as usize;
        self.chunks.iter().filter_map(OnceBox::get).flatten().take(taken)
    }

    /// The kept spans, in the order in which they took their places. `Acquire` in `slots`: a span that ended before the last one began has its end.
    pub(crate) fn kept(&self) -> Vec<Kept> {
        let kept = |slot: &Slot| {
            let start = slot.start.load(Ordering::Acquire).checked_sub(1)?;
            let end = slot.end.load(Ordering::Acquire).checked_sub(1);
            let (what, at) = (slot.what.load(Ordering::Relaxed), slot.at.load(Ordering::Relaxed));
            let what = What::of_parts(high(what), low(what));
            Some(Kept { what, batch: high(at), thread: low(at), start, end })
        };
        self.slots().filter_map(kept).collect()
    }

    /// How many spans found no free place, and when the first of them began.
    pub(crate) fn left_out(&self) -> (u64, Option<u64>) {
        let since = self.left_out_since.load(Ordering::Relaxed);
        (self.left_out.load(Ordering::Relaxed), (since > 0).then(|| u64::MAX - since))
    }

    /// The names of phases.
    pub(crate) fn names(&self) -> Vec<String> {
        lock(&self.names).clone()
    }

    /// The threads whose names are known, by their numbers.
    pub(crate) fn thread_names(&self) -> Vec<(u32, String)> {
        let named = |cell: &ThreadCell| {
            let is_named = cell.is_named.load(Ordering::Acquire);
            let bytes: Vec<u8> =
                cell.name.iter().flat_map(|word| word.load(Ordering::Relaxed).to_le_bytes()).collect();
            let length = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
            let name = String::from_utf8_lossy(&bytes[..length]).into_owned();
            is_named.then(|| (cell.number.load(Ordering::Relaxed).wrapping_sub(1), name))
        };
        self.threads
            .get()
            .into_iter()
            .flatten()
            .filter_map(named)
            .filter(|(_, name)| !name.is_empty())
            .collect()
    }
}

/// The chunk of a place, the size of the chunk, and the index in it.
fn chunk_of(place: u32) -> (usize, u32, usize) {
    match (place / FIRST_CHUNK).checked_ilog2() {
        None => (0, FIRST_CHUNK, place as usize),
        Some(doublings) => {
            let size = FIRST_CHUNK << doublings;
            (doublings as usize + 1, size, (place - size) as usize)
        }
    }
}

fn high(word: u64) -> u32 {
    (word >> 32) as u32
}

fn low(word: u64) -> u32 {
    (word & 0xffff_ffff) as u32
}

/// A name as words. If it is too long, it is cut off between two characters.
fn words(name: &str) -> [u64; NAME_WORDS] {
    let mut end = name.len().min(NAME_WORDS * 8);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    let mut words = [0; NAME_WORDS];
    for (i, byte) in name.as_bytes()[..end].iter().enumerate() {
        words[i / 8] |= u64::from(*byte) << (i % 8 * 8);
    }
    words
}

impl What {
    fn parts(self) -> (u32, u32) {
        match self {
            What::Call(key) => (0, key),
            What::Future(key) => (1, key),
            What::Poll(key) => (2, key),
            What::Wait(key) => (3, key),
            What::FutureWait(key) => (4, key),
            What::Lane => (5, 0),
            What::Phase(name) => (6, name),
        }
    }

    fn of_parts(kind: u32, name: u32) -> Self {
        match kind {
            0 => What::Call(name),
            1 => What::Future(name),
            2 => What::Poll(name),
            3 => What::Wait(name),
            4 => What::FutureWait(name),
            5 => What::Lane,
            _ => What::Phase(name),
        }
    }
}

/// A reserved place for a span, or the fact that no place was free.
#[must_use = "a place that is neither used nor given up keeps its recorder for ever"]
pub(crate) struct Place {
    recorder: &'static Recorder,
    place: Option<u32>,
}

impl Place {
    /// A span begins at `start`, on this `thread`. `None` if there is no place. Then it is counted as left out.
    pub(crate) fn begin(
        self,
        what: What,
        batch: u32,
        thread: impl FnOnce() -> Thread,
        start: impl FnOnce() -> u64,
    ) -> Option<Recording> {
        let Some(place) = self.place else {
            self.recorder.leave_out(start());
            self.give_up();
            return None;
        };
        let recorder = self.recorder;
        let (chunk, size, place_there) = chunk_of(place);
        let chunk =
            recorder.chunks[chunk].get_or_init(|| Box::new((0..size).map(|_| Slot::default()).collect()));
        let slot = &chunk[place_there];
        let (kind, name) = what.parts();
        slot.what.store(u64::from(kind) << 32 | u64::from(name), Ordering::Relaxed);
        slot.at.store(u64::from(batch) << 32 | u64::from(thread().0), Ordering::Relaxed);
        // The clock is read last, so that the span does not include the first use of a thread or a chunk.
        slot.start.store(start().saturating_add(1), Ordering::Release);
        Some(Recording { recorder, place })
    }

    /// The span does not belong to the scope that has the recorder now. Its place stays empty, because later places may be taken already.
    pub(crate) fn give_up(self) {
        self.recorder.spans.fetch_sub(ACTIVE, Ordering::Release);
    }
}

/// A span that has begun. Its owner must end it, on any thread.
#[derive(Clone, Copy)]
#[must_use = "a span that is not ended keeps its recorder for ever"]
pub(crate) struct Recording {
    recorder: &'static Recorder,
    place: u32,
}

impl Recording {
    /// The span of this place, which has not ended.
    pub(crate) fn of(recorder: &'static Recorder, place: u32) -> Self {
        Recording { recorder, place }
    }

    /// Its place, below [`MAX_SPANS`].
    pub(crate) fn place(self) -> u32 {
        self.place
    }

    /// The span ends at `end`.
    pub(crate) fn end(self, end: u64) {
        let Recording { recorder, place } = self;
        let (chunk, _, place_there) = chunk_of(place);
        if let Some(chunk) = recorder.chunks[chunk].get() {
            chunk[place_there].end.store(end.saturating_add(1), Ordering::Release);
        }
        recorder.spans.fetch_sub(ACTIVE, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::{CHUNKS, MAX_SPANS, chunk_of, words};

    #[test]
    fn every_place_is_in_a_chunk_and_no_two_are_the_same() {
        let mut next = (0, 0);
        for place in 0..MAX_SPANS {
            let (chunk, size, there) = chunk_of(place);
            assert_eq!((chunk, there), next, "{place}");
            next = if there + 1 == size as usize { (chunk + 1, 0) } else { (chunk, there + 1) };
        }
        assert_eq!(next, (CHUNKS, 0));
    }

    #[test]
    fn a_long_name_is_cut_off_at_a_character() {
        for (name, length) in [
            ("worker-3", 8),
            (&"x".repeat(100), 48),
            (&"\u{e9}".repeat(100), 48),
            (&format!("x{}", "\u{e9}".repeat(100)), 47),
        ] {
            let bytes =
                words(name).iter().flat_map(|word| word.to_le_bytes()).filter(|byte| *byte != 0).count();
            assert_eq!(bytes, length, "{name}");
        }
    }
}
