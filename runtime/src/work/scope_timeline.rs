//! `ScopeTimeline`: what a scope records of itself, and the timeline that it becomes.

use crate::base::clock::Instant;
use crate::base::warn::warn;
use crate::book::batch::Batch;
use crate::book::timeline::{Span, SpanKind, ThreadName, Timeline};
use crate::call::key::Key;
use crate::call::recorder::{Kept, Recorder, Recording, What};
use crate::call::recording;
use crate::call::site::Site;
use std::collections::HashMap;
use std::sync::Arc;

pub(crate) struct ScopeTimeline {
    opened: u64,
    recorder: Option<&'static Recorder>,
}

/// Something that runs, until this is dropped.
pub(crate) struct Running(Recording);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.end(recording::now());
    }
}

impl ScopeTimeline {
    pub(super) fn new(opened: Instant) -> Self {
        let recorder = Recorder::lease();
        if recorder.is_none() {
            warn(format_args!(
                "255 scopes record a timeline at the moment, which is the most: this one has an empty timeline"
            ));
        }
        ScopeTimeline { opened: recording::since_epoch(opened), recorder }
    }

    /// 0 if it has none.
    pub(super) fn recorder_number(&self) -> u8 {
        self.recorder.and_then(|recorder| u8::try_from(recorder.number()).ok()).unwrap_or(0)
    }

    /// An item of a pass begins on this thread.
    pub(super) fn lane(&self, batch: u32) -> Option<Running> {
        recording::begin(self.recorder?, What::Lane, batch).map(Running)
    }

    /// A phase begins on this thread.
    pub(super) fn phase(&self, name: &str, batch: impl FnOnce() -> u32) -> Option<Running> {
        let recorder = self.recorder?;
        recording::begin(recorder, What::Phase(recorder.name(name)?), batch()).map(Running)
    }

    /// What was recorded so far. What has not ended yet ends now.
    pub(super) fn read(&self, batches: &[Arc<Batch>]) -> Timeline {
        let Some(recorder) = self.recorder else { return Timeline::default() };
        let now = recording::now();
        let mut kept = recorder.kept();
        // A place is taken a moment before the clock is read, and places of two threads may be taken in another order.
        kept.sort_by_key(|span| span.start);
        let names = recorder.names();
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
                What::Wait(key) => (SpanKind::Wait, probe(key)),
                What::Lane => (SpanKind::Lane, label(span.batch)),
                What::Phase(place) => (SpanKind::Phase, names.get(place as usize).map_or("", String::as_str)),
            };
            let start = span.start.saturating_sub(self.opened);
            let end = span.end.unwrap_or(now).saturating_sub(self.opened);
            Span {
                kind,
                name: name.into(),
                batch: label(span.batch).into(),
                thread: threads.place(span.thread),
                start_ns: start,
                end_ns: end.max(start),
                is_future: matches!(span.what, What::Future(_)),
            }
        };
        let spans = kept.iter().map(span).collect();
        Timeline { left_out: recorder.left_out(), spans, threads: threads.named(&recorder.thread_names()) }
    }
}

/// The threads of a timeline: their numbers in this process, in the order in which they are met.
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
        if let Some(recorder) = self.recorder {
            recorder.release();
        }
    }
}
