//! `Recorder`: keeps what a timeline shows, while the scope is open.

use crate::base::clock::{Instant, ns};
use crate::base::lock::lock;
use crate::book::timeline::{Span, SpanKind, ThreadName, Timeline};
use std::sync::Mutex;
use std::thread::ThreadId;

/// Spans that a scope keeps.
const MAX_SPANS: usize = 65_536;

pub(crate) struct Recorder {
    opened: Instant,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    timeline: Timeline,
    /// The threads of the timeline, in its order.
    threads: Vec<ThreadId>,
}

impl Recorder {
    pub(crate) fn new(opened: Instant) -> Self {
        Recorder { opened, kept: Mutex::default() }
    }

    /// Keeps a span of this thread that began at `since` and ends now, as long as there is room.
    pub(crate) fn span(&self, kind: SpanKind, name: &str, batch: &str, since: Instant) {
        let (start, end) = (since.saturating_duration_since(self.opened), self.opened.elapsed());
        let mut kept = lock(&self.kept);
        if kept.timeline.spans.len() >= MAX_SPANS {
            kept.timeline.left_out += 1;
            return;
        }
        let thread = kept.thread();
        let (name, batch) = (name.to_owned(), batch.to_owned());
        kept.timeline.spans.push(Span {
            kind,
            name,
            batch,
            thread,
            start_ns: ns(start),
            end_ns: ns(end),
            is_future: false,
        });
    }

    pub(crate) fn timeline(&self) -> Timeline {
        lock(&self.kept).timeline.clone()
    }
}

impl Kept {
    /// The number of the calling thread.
    fn thread(&mut self) -> u64 {
        let this = std::thread::current();
        let number = self.threads.iter().position(|thread| *thread == this.id()).unwrap_or_else(|| {
            let number = self.threads.len();
            let name = this.name().map_or_else(|| format!("thread {number}"), str::to_owned);
            self.threads.push(this.id());
            self.timeline.threads.push(ThreadName { id: number as u64, name });
            number
        });
        number as u64
    }
}
