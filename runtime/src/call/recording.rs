//! Records the spans of calls, from where they are counted to where they end.
//!
//! A call whose scope has no timeline uses nothing of this.

use crate::base::clock::{Instant, ns};
use crate::call::gauge::Gauge;
use crate::call::recorder::{Recorder, Recording, Thread, What};
use std::cell::Cell;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// For how many recorders a thread remembers that they know its name.
const REMEMBERED: usize = 4;

thread_local! {
    /// The number of this thread, or 0.
    static NUMBER: Cell<u32> = const { Cell::new(0) };
    /// The recorders that know this thread's name, with the lease of each.
    static NAMED: [Cell<(u32, u64)>; REMEMBERED] = const { [const { Cell::new((0, 0)) }; REMEMBERED] };
    /// Whether this thread is recording now. While it records, it may call the allocator, which may have a probe itself.
    static IS_RECORDING: Cell<bool> = const { Cell::new(false) };
}

/// Nanoseconds since the first call of [`since_epoch`].
pub(crate) fn now() -> u64 {
    since_epoch(Instant::now())
}

/// The same for another moment.
pub(crate) fn since_epoch(moment: Instant) -> u64 {
    static EPOCH: OnceLock<Instant> = OnceLock::new();
    ns(moment.saturating_duration_since(*EPOCH.get_or_init(|| moment)))
}

/// This thread. Stores its name in the recorder, if the recorder does not know it.
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

/// A span begins on this thread, unless it `is_late`. `None` if it is late; if there is no place, and then it is counted as left out; or if this
/// thread is recording already: then it is a call of an allocator with a probe, which no timeline shows.
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

/// A span of a scope that is open begins on this thread.
pub(crate) fn begin(recorder: &'static Recorder, what: What, batch: u32) -> Option<Recording> {
    begin_unless(recorder, what, batch, || false)
}

/// A span of this gauge begins on this thread: a call, a poll, a future or a wait.
#[cold]
pub(crate) fn begin_of(gauge: &'static Gauge, what: impl FnOnce(u32) -> What) -> Option<Recording> {
    let (recorder, batch) = gauge.recorder();
    if recorder == 0 {
        return None;
    }
    let key = gauge.key()?;
    // The scope may have closed: a process-wide scope closes while other threads call, and a future may outlive its scope.
    begin_unless(Recorder::of(recorder)?, what(key.bits()), batch, || gauge.is_closed())
}

/// The span at this place of the recorder of this gauge's scope ends now.
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
