//! `Process`: a run, as a process of a trace.

use super::events::{Events, micros};
use super::row::{Row, end, in_order};
use crate::levels::{Levels, known_until};
use crate::results::Run;
use crate::sentence::sentence;
use concurrency_probe::{Report, Span, SpanKind, Timeline};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// How many tracks of phases are searched for room. If more phases overlap without nesting, the others get their own tracks: a search
/// through all tracks would take quadratic time.
const TRACKS: usize = 64;

/// A run, as a process of a trace.
#[derive(Debug)]
pub(super) struct Process<'e> {
    events: &'e mut Events,
    number: u32,
    /// By its number in the timeline.
    threads: BTreeMap<u64, Thread>,
}

#[derive(Debug)]
struct Thread {
    number: u32,
    name: String,
}

impl<'e> Process<'e> {
    /// The process of a run, or of one line of a run that left several. It always has a name.
    pub(super) fn named(events: &'e mut Events, at: usize, run: &Run, line: Option<usize>) -> Self {
        let number = events.number();
        let line = line.map_or_else(String::new, |line| format!(", report {}", line + 1));
        let mut process = Process { events, number, threads: BTreeMap::new() };
        process.metadata(
            "process_name",
            number,
            json!({ "name": format!("{}, round {}{line}", said(&run.target), run.round) }),
        );
        process.metadata("process_sort_index", number, json!({ "sort_index": at }));
        process
    }

    /// Everything that was reported.
    pub(super) fn show(mut self, report: Option<&Report>) {
        let Some(report) = report else {
            self.label("no report");
            return self.instant("no report", 0);
        };
        let scope = format!("scope {}", said(&report.scope));
        let track = self.events.track();
        for (ph, at) in [("b", 0), ("e", report.wall_ns)] {
            self.async_event(ph, &track, "scope", &scope, at, Map::new());
        }
        let Some(timeline) = &report.timeline else {
            self.label("no timeline");
            return self.instant("no timeline: set CONCURRENCY_PROBE_TIMELINE=1", 0);
        };
        self.name_threads(timeline);
        self.slices(timeline);
        self.phases(timeline);
        self.futures(timeline);
        self.counters(timeline);
        if timeline.left_out > 0 {
            self.events.leave_out(timeline.left_out);
            let text = format!("{} spans found no room in the timeline", timeline.left_out);
            self.label(&text);
            self.instant(&text, known_until(timeline).unwrap_or(0));
        }
    }

    fn name_threads(&mut self, timeline: &Timeline) {
        let named = timeline.threads.iter().map(|thread| (thread.id, thread.name.as_str()));
        let unnamed = timeline.spans.iter().map(|span| (span.thread, ""));
        for (id, name) in named.chain(unnamed) {
            if self.threads.contains_key(&id) {
                continue;
            }
            let name = if name.is_empty() { format!("thread {id}") } else { said(name) };
            let number = self.events.number();
            self.metadata("thread_name", number, json!({ "name": &name, "id": id }));
            let index = self.threads.len();
            self.metadata("thread_sort_index", number, json!({ "sort_index": index }));
            self.threads.insert(id, Thread { number, name });
        }
    }

    /// The spans of a thread. A span that does not nest gets its own async track, because Perfetto would drop it.
    fn slices(&mut self, timeline: &Timeline) {
        let on_thread = timeline.spans.iter().filter(|span| !span.is_future && span.kind != SpanKind::Phase);
        let mut of_threads: BTreeMap<u64, Row<'_>> = BTreeMap::new();
        for span in in_order(on_thread) {
            let row = of_threads.entry(span.thread).or_default();
            if !row.has_room(span) {
                self.async_span(span, kind(span));
                continue;
            }
            row.close(span.start_ns);
            row.open(span);
            let mut event = json!({
                "ph": "X", "name": said(&span.name), "cat": kind(span), "pid": self.number,
                "tid": self.threads.get(&span.thread).map(|thread| thread.number),
                "ts": micros(span.start_ns), "dur": micros(end(span) - span.start_ns),
            });
            if !span.batch.is_empty() {
                event["args"] = json!({ "batch": said(&span.batch) });
            }
            self.events.push(&event);
        }
    }

    /// Phases. Those that nest share one track; those that overlap in another way get other tracks.
    fn phases(&mut self, timeline: &Timeline) {
        let phases = timeline.spans.iter().filter(|span| !span.is_future && span.kind == SpanKind::Phase);
        let mut tracks: Vec<(String, Row<'_>)> = Vec::new();
        for span in in_order(phases) {
            let at = tracks.iter().position(|(_, row)| row.has_room(span));
            let at = at.unwrap_or_else(|| {
                if tracks.len() == TRACKS {
                    let (track, mut oldest) = tracks.remove(0);
                    self.close(&track, &mut oldest, u64::MAX);
                }
                tracks.push((self.events.track(), Row::default()));
                tracks.len() - 1
            });
            let (track, row) = &mut tracks[at];
            self.close(track, row, span.start_ns);
            row.open(span);
            let args = self.args(span);
            self.async_event("b", track, kind(span), &said(&span.name), span.start_ns, args);
        }
        for (track, mut row) in tracks {
            self.close(&track, &mut row, u64::MAX);
        }
    }

    fn close(&mut self, track: &str, row: &mut Row<'_>, at: u64) {
        for span in row.close(at) {
            self.async_event("e", track, kind(span), &said(&span.name), end(span), Map::new());
        }
    }

    /// A future in flight is on no thread, and has a track of its own.
    fn futures(&mut self, timeline: &Timeline) {
        for span in in_order(timeline.spans.iter().filter(|span| span.is_future)) {
            self.async_span(span, "future");
        }
    }

    /// How many ran at once, and how many futures were in flight: of everything, and of each batch.
    fn counters(&mut self, timeline: &Timeline) {
        let known = known_until(timeline);
        self.counters_of("", timeline, known);
        let mut batches: BTreeMap<&str, Timeline> = BTreeMap::new();
        for span in timeline.spans.iter().filter(|span| !span.batch.is_empty()) {
            batches.entry(&span.batch).or_default().spans.push(span.clone());
        }
        for (batch, timeline) in batches {
            self.counters_of(&format!("batch {}: ", said(batch)), &timeline, known);
        }
    }

    /// Up to the time up to which the timeline is complete.
    fn counters_of(&mut self, prefix: &str, timeline: &Timeline, known: Option<u64>) {
        for (name, key, levels) in [
            ("at once", "threads", Levels::of_threads(timeline)),
            ("in flight", "futures", Levels::of_futures(timeline)),
        ] {
            let levels = levels.until(known);
            let begins_later = levels.steps.first().is_some_and(|(at, _)| *at > 0);
            for (at, level) in begins_later.then_some((0, 0)).into_iter().chain(levels.steps) {
                let mut args = Map::new();
                args.insert(key.into(), level.into());
                self.events.push(&json!({
                    "ph": "C", "name": format!("{prefix}{name}"), "cat": "counter", "pid": self.number, "ts": micros(at),
                    "args": args,
                }));
            }
        }
    }

    /// On a track of its own.
    fn async_span(&mut self, span: &Span, category: &str) {
        let (track, name, args) = (self.events.track(), said(&span.name), self.args(span));
        self.async_event("b", &track, category, &name, span.start_ns, args);
        self.async_event("e", &track, category, &name, end(span), Map::new());
    }

    fn async_event(
        &mut self,
        ph: &str,
        track: &str,
        category: &str,
        name: &str,
        at: u64,
        args: Map<String, Value>,
    ) {
        let mut event = json!({ "ph": ph, "name": name, "cat": category, "id2": { "local": track }, "pid": self.number, "tid": self.number,
                "ts": micros(at) });
        if !args.is_empty() {
            event["args"] = args.into();
        }
        self.events.push(&event);
    }

    /// The arguments of a span that is not on its thread.
    fn args(&self, span: &Span) -> Map<String, Value> {
        let thread = self.threads.get(&span.thread).map(|thread| ("thread", thread.name.clone()));
        let batch = (!span.batch.is_empty()).then(|| ("batch", said(&span.batch)));
        thread.into_iter().chain(batch).map(|(key, value)| (key.into(), value.into())).collect()
    }

    fn instant(&mut self, text: &str, at: u64) {
        let (pid, ts) = (self.number, micros(at));
        self.events.push(
            &json!({ "ph": "i", "s": "p", "name": text, "cat": "gate", "pid": pid, "tid": pid, "ts": ts }),
        );
    }

    fn label(&mut self, text: &str) {
        self.metadata("process_labels", self.number, json!({ "labels": text }));
    }

    #[expect(clippy::needless_pass_by_value, reason = "it is made for it")]
    fn metadata(&mut self, name: &str, thread: u32, args: Value) {
        self.events
            .push(&json!({ "ph": "M", "name": name, "pid": self.number, "tid": thread, "args": args }));
    }
}

/// What a span is, in a word.
fn kind(span: &Span) -> &'static str {
    match span.kind {
        SpanKind::Probe => "probe",
        SpanKind::Lane => "lane",
        SpanKind::Phase => "phase",
        SpanKind::Poll => "poll",
        SpanKind::Wait => "wait",
        _ => "other",
    }
}

/// A name for Perfetto, which does not show an empty name, and cuts one off at a NUL.
fn said(name: &str) -> String {
    if name.is_empty() { "(no name)".into() } else { sentence(name) }
}
