//! `ScopeTimeline`: the spans that a scope records, and the `Timeline` that is made of them.

use crate::base::clock::Instant;
use crate::base::warn::warn;
use crate::book::batch::Batch;
use crate::book::timeline::{Span, SpanKind, ThreadName, Timeline};
use crate::call::key::Key;
use crate::call::recorder::{Kept, MAX_RECORDERS, Recorder, Recording, What};
use crate::call::recording;
use crate::call::site::Site;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

pub(crate) struct ScopeTimeline {
    opened: u64,
    recorder: &'static Recorder,
}

/// A span that ends when this is dropped.
pub(crate) struct RunningSpan(Recording);

impl Drop for RunningSpan {
    fn drop(&mut self) {
        self.0.end(recording::now());
    }
}

/// The spans that were recorded until some moment.
pub(super) struct Recorded {
    at: u64,
    kept: Vec<Kept>,
    left_out: u64,
    left_out_since: Option<u64>,
}

impl ScopeTimeline {
    /// `None`, with a warning, if no recorder is free.
    pub(super) fn new(opened: Instant) -> Option<Self> {
        static HAS_WARNED: AtomicBool = AtomicBool::new(false);
        let recorder = Recorder::lease();
        if recorder.is_none() && !HAS_WARNED.swap(true, Ordering::Relaxed) {
            warn(format_args!(
                "{MAX_RECORDERS} scopes have a timeline, and no more can have one: they are open, or have calls that never ended; this \
                 scope and later ones have no timeline until one of those ends"
            ));
        }
        Some(ScopeTimeline { opened: recording::since_epoch(opened), recorder: recorder? })
    }

    pub(super) fn recorder_number(&self) -> u8 {
        u8::try_from(self.recorder.number()).unwrap_or(0)
    }

    /// An item of a pass begins on this thread.
    pub(super) fn lane(&self, batch: u32) -> Option<RunningSpan> {
        recording::begin(self.recorder, What::Lane, batch).map(RunningSpan)
    }

    /// A phase begins on this thread.
    pub(super) fn phase(&self, name: &str, batch: impl FnOnce() -> u32) -> Option<RunningSpan> {
        let Some(name) = self.recorder.name(name) else {
            self.recorder.leave_out(recording::now());
            return None;
        };
        recording::begin(self.recorder, What::Phase(name), batch()).map(RunningSpan)
    }

    /// The spans that were recorded until now. A span that has not ended ends now. Call it before reading the batches, so that they include the
    /// batch of each span.
    pub(super) fn recorded(&self) -> Recorded {
        let mut kept = self.recorder.kept();
        // Two threads may take their places in another order than they read the clock.
        kept.sort_by_key(|span| span.start);
        let (left_out, left_out_since) = self.recorder.left_out();
        Recorded { at: recording::now(), kept, left_out, left_out_since }
    }

    /// The recorded spans as a timeline.
    pub(super) fn timeline(&self, recorded: &Recorded, batches: &[Arc<Batch>]) -> Timeline {
        let names = self.recorder.names();
        let mut threads = Threads::default();
        let mut probes: HashMap<u32, &'static str> = HashMap::new();
        let mut probe = |key: u32| {
            *probes
                .entry(key)
                .or_insert_with(|| Key::from_bits(key).and_then(Site::of).map_or("", Site::name))
        };
        let label = |batch: u32| batches.get(batch as usize).map_or("", |batch| &*batch.place.label);
        let span = |span: &Kept| {
            let (kind, name) = match span.what {
                What::Call(key) | What::Future(key) => (SpanKind::Probe, probe(key)),
                What::Poll(key) => (SpanKind::Poll, probe(key)),
                What::Wait(key) | What::FutureWait(key) => (SpanKind::Wait, probe(key)),
                What::Lane => (SpanKind::Lane, label(span.batch)),
                What::Phase(place) => (SpanKind::Phase, names.get(place as usize).map_or("", String::as_str)),
            };
            let start = span.start.saturating_sub(self.opened);
            let end = span.end.unwrap_or(recorded.at).saturating_sub(self.opened);
            Span {
                kind,
                name: name.into(),
                batch: label(span.batch).into(),
                thread: threads.place(span.thread),
                start_ns: start,
                end_ns: end.max(start),
                is_future: matches!(span.what, What::Future(_) | What::FutureWait(_)),
            }
        };
        let spans = recorded.kept.iter().map(span).collect();
        Timeline {
            left_out: recorded.left_out,
            left_out_since_ns: recorded.left_out_since.map(|since| since.saturating_sub(self.opened)),
            spans,
            threads: threads.named(&self.recorder.thread_names()),
        }
    }
}

/// The threads of a timeline: their numbers in this process, in the order in which they appear.
#[derive(Default)]
struct Threads {
    numbers: Vec<u32>,
    places: HashMap<u32, u64>,
}

impl Threads {
    fn place(&mut self, number: u32) -> u64 {
        *self.places.entry(number).or_insert_with(|| {
            self.numbers.push(number);
            self.numbers.len() as u64 - 1
        })
    }

    fn named(&self, known: &[(u32, String)]) -> Vec<ThreadName> {
        let name = |(id, number): (u64, &u32)| {
            let known = known.iter().find(|(known, _)| known == number);
            ThreadName { id, name: known.map_or_else(|| format!("thread {id}"), |(_, name)| name.clone()) }
        };
        (0..).zip(&self.numbers).map(name).collect()
    }
}

impl Drop for ScopeTimeline {
    fn drop(&mut self) {
        self.recorder.release();
    }
}
