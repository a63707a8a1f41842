//! What is recorded on this thread: calls and polls that have begun, and who the thread is.
//!
//! Nothing here is on the way of a call whose scope has no timeline.

use crate::base::clock::{Instant, ns};
use crate::call::gauge::Gauge;
use crate::call::recorder::{Recorder, Recording, Thread, What};
use std::cell::{Cell, RefCell};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

struct Begun {
    gauge: &'static Gauge,
    recording: Recording,
}

thread_local! {
    /// Calls and polls that began on this thread. A guard stays on its thread.
    static BEGUN: RefCell<Vec<Begun>> = const { RefCell::new(Vec::new()) };
    /// The number of this thread plus one, or 0.
    static NUMBER: Cell<u32> = const { Cell::new(0) };
    /// The recorder that knows this thread's name, and the lease of it.
    static NAMED: Cell<(u32, u64)> = const { Cell::new((0, 0)) };
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
    if NAMED.replace(lease) != lease {
        recorder.name_thread(thread, std::thread::current().name().unwrap_or_default());
    }
    thread
}

/// Something begins on this thread.
pub(crate) fn begin(recorder: &'static Recorder, what: What, batch: u32) -> Option<Recording> {
    recorder.begin(what, batch, this_thread(recorder), now())
}

/// Something ran on this thread from `start` until now.
pub(crate) fn span(recorder: &'static Recorder, what: What, batch: u32, start: u64) {
    recorder.span(what, batch, this_thread(recorder), [start, now()]);
}

/// The recorder of a gauge's scope, with the number of its batch and the bits of its key.
fn of_gauge(gauge: &Gauge) -> Option<(&'static Recorder, u32, u32)> {
    let (recorder, batch) = gauge.recorder();
    if recorder == 0 {
        return None;
    }
    Some((Recorder::of(recorder)?, batch, gauge.key()?.bits()))
}

/// A call or a poll begins on this thread: whether it was recorded, so that [`end_call`] is to be told.
#[cold]
pub(crate) fn begin_call(gauge: &'static Gauge, is_poll: bool) -> bool {
    let begun = || {
        let (recorder, batch, key) = of_gauge(gauge)?;
        // A thread that ends has no list any more.
        BEGUN
            .try_with(|begun| {
                let what = if is_poll { What::Poll(key) } else { What::Call(key) };
                let recording = begin(recorder, what, batch)?;
                begun.borrow_mut().push(Begun { gauge, recording });
                Some(())
            })
            .ok()?
    };
    begun().is_some()
}

/// A call or a poll that was recorded ends on this thread.
#[cold]
pub(crate) fn end_call(gauge: &'static Gauge) {
    let end = now();
    let _ = BEGUN.try_with(|begun| {
        let mut begun = begun.borrow_mut();
        if let Some(place) = begun.iter().rposition(|begun| std::ptr::eq(begun.gauge, gauge)) {
            begun.remove(place).recording.end(end);
        }
    });
}

/// A future is in flight from now on, counted on this gauge.
#[cold]
pub(crate) fn begin_future(gauge: &'static Gauge) -> Option<Recording> {
    let (recorder, batch, key) = of_gauge(gauge)?;
    begin(recorder, What::Future(key), batch)
}

/// The time, if calls of this gauge are recorded.
pub(crate) fn now_if_recorded(gauge: &Gauge) -> Option<u64> {
    (gauge.recorder().0 != 0).then(now)
}

/// A call or a future of this gauge has waited in a hold, from `start` until now.
#[cold]
pub(crate) fn waited(gauge: &'static Gauge, start: u64) {
    if let Some((recorder, batch, key)) = of_gauge(gauge) {
        span(recorder, What::Wait(key), batch, start);
    }
}
