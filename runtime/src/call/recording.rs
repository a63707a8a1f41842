//! What is recorded of calls: from where they are counted to where they end.
//!
//! Nothing here is on the way of a call whose scope has no timeline.

use crate::base::clock::{Instant, ns};
use crate::call::gauge::Gauge;
use crate::call::recorder::{Recorder, Recording, Thread, What};
use std::cell::Cell;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// Recorders of which a thread remembers that they know its name.
const REMEMBERED: usize = 4;

thread_local! {
    /// The number of this thread, or 0.
    static NUMBER: Cell<u32> = const { Cell::new(0) };
    /// The recorders that know this thread's name, with the lease of each.
    static NAMED: [Cell<(u32, u64)>; REMEMBERED] = const { [const { Cell::new((0, 0)) }; REMEMBERED] };
    /// Whether this thread is recording: an allocator that is probed is called then.
    static IS_RECORDING: Cell<bool> = const { Cell::new(false) };
}

/// Nanoseconds since the first time that anybody asked.
pub(crate) fn now() -> u64 {
    since_epoch(Instant::now())
}

/// The same, of another moment.
pub(crate) fn since_epoch(moment: Instant) -> u64 {
    static EPOCH: OnceLock<Instant> = OnceLock::new();
    ns(moment.saturating_duration_since(*EPOCH.get_or_init(|| moment)))
}

/// This thread, whose name the recorder learns.
fn this_thread(recorder: &Recorder) -> Thread {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    if NUMBER.get() == 0 {
        NUMBER.set(NEXT.fetch_add(1, Ordering::Relaxed));
    }
    let thread = Thread(NUMBER.get());
    let lease = (recorder.number(), recorder.lease_number());
    let is_named = NAMED.with(|named| named[recorder.number() as usize % REMEMBERED].replace(lease) == lease);
    if !is_named {
        recorder.name_thread(thread, std::thread::current().name().unwrap_or_default());
    }
    thread
}

/// Something begins on this thread, unless it `is_late`. `None` if it is late, if it found no room, which is
/// counted, or if this thread is recording already: an allocator that is probed, whose call is in no timeline.
fn begin_unless(
    recorder: &'static Recorder,
    what: What,
    batch: u32,
    is_late: impl Fn() -> bool,
) -> Option<Recording> {
    if IS_RECORDING.replace(true) {
        return None;
    }
    let place = recorder.reserve();
    let begun = if is_late() {
        place.give_up();
        None
    } else {
        place.begin(what, batch, || this_thread(recorder), now)
    };
    IS_RECORDING.set(false);
    begun
}

/// Something of a scope that is open begins on this thread.
pub(crate) fn begin(recorder: &'static Recorder, what: What, batch: u32) -> Option<Recording> {
    begin_unless(recorder, what, batch, || false)
}

/// Something of this gauge begins on this thread: a call, a poll, a future, a wait.
#[cold]
pub(crate) fn begin_of(gauge: &'static Gauge, what: impl FnOnce(u32) -> What) -> Option<Recording> {
    let (recorder, batch) = gauge.recorder();
    if recorder == 0 {
        return None;
    }
    let key = gauge.key()?;
    // The scope may have closed: a process-wide one asks nobody, and a future may outlive any.
    begin_unless(Recorder::of(recorder)?, what(key.bits()), batch, || gauge.is_closed())
}

/// What began at this place of the recorder of this gauge's scope ends now.
#[cold]
pub(crate) fn end_of(gauge: &'static Gauge, place: u32) {
    if let Some(recorder) = Recorder::of(gauge.recorder().0) {
        Recording::of(recorder, place).end(now());
    }
}

/// A wait in a hold, which ends when this is dropped.
pub(crate) struct Waiting(Recording);

impl Waiting {
    /// A wait begins on this thread.
    pub(crate) fn begin(gauge: &'static Gauge, what: impl FnOnce(u32) -> What) -> Option<Self> {
        begin_of(gauge, what).map(Waiting)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.end(now());
    }
}
