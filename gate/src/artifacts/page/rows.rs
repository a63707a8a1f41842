//! `Rows`: where each span of a timeline is drawn, so that none is drawn over another.

use concurrency_probe::{Span, SpanKind, Timeline};
use std::collections::BTreeMap;

/// The most threads that have rows.
pub(super) const MAX_THREADS: usize = 32;
/// The most rows of one thread, of the phases, or of the futures.
pub(super) const MAX_DEPTH: usize = 10;

/// The rows of a picture, from the top down, and where the spans are.
#[derive(Debug, Default)]
pub(super) struct Rows<'a> {
    /// The label of each row: the name of a group at its first row, otherwise empty.
    pub labels: Vec<String>,
    /// The first row of each group.
    pub groups: Vec<usize>,
    /// What is drawn.
    pub placed: Vec<Placed<'a>>,
    /// Spans of threads that have no row.
    pub of_other_threads: usize,
    /// Spans that lie too deep for the rows of their group.
    pub too_deep: usize,
}

/// A span in its row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Placed<'a> {
    /// What is drawn.
    pub span: &'a Span,
    /// Where.
    pub row: usize,
    /// A short span is drawn longer, so that it is seen, but at most up to here: nothing else begins before.
    pub room_ns: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Group {
    Phases,
    Thread(u64),
    Futures,
}

fn group(span: &Span) -> Group {
    match span.kind {
        SpanKind::Phase => Group::Phases,
        _ if span.is_future => Group::Futures,
        _ => Group::Thread(span.thread),
    }
}

/// Threads by their names: `install-2` is before `install-10`.
fn order(group: Group, timeline: &Timeline) -> (u8, String, u64, u64) {
    match group {
        Group::Phases => (0, String::new(), 0, 0),
        Group::Thread(id) => {
            let name = thread_name(timeline, id);
            let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
            let number = name[stem.len()..].parse().unwrap_or(0);
            (1, stem.to_owned(), number, id)
        }
        Group::Futures => (2, String::new(), 0, 0),
    }
}

/// The order of spans that begin at the same time, from the outside in.
fn depth(kind: SpanKind) -> u8 {
    match kind {
        SpanKind::Phase => 0,
        SpanKind::Lane => 1,
        SpanKind::Poll => 2,
        SpanKind::Probe => 3,
        _ => 4,
    }
}

pub(super) fn end(span: &Span) -> u64 {
    span.end_ns.max(span.start_ns)
}

impl<'a> Rows<'a> {
    /// Of spans of this timeline.
    ///
    /// A span that ran inside another one is in a row below it. Spans that overlap in any other way are in rows of their own.
    pub(super) fn of(timeline: &Timeline, mut spans: Vec<&'a Span>) -> Self {
        spans.sort_by_key(|span| (span.start_ns, std::cmp::Reverse(end(span)), depth(span.kind)));
        let mut groups: BTreeMap<Group, Vec<Placed<'a>>> = BTreeMap::new();
        // The room of a span ends at the next span of its sort: work, phases and futures do not limit each other.
        for is_work in [
            |group| matches!(group, Group::Thread(_)),
            |group| group == Group::Phases,
            |group| group == Group::Futures,
        ] {
            let of_kind: Vec<&Span> = spans.iter().copied().filter(|span| is_work(group(span))).collect();
            for (at, span) in of_kind.iter().enumerate() {
                let room_ns = room(&of_kind, at);
                groups.entry(group(span)).or_default().push(Placed { span, row: 0, room_ns });
            }
        }
        let mut rows = Rows::default();
        let mut threads = 0;
        let mut groups: Vec<_> = groups.into_iter().collect();
        groups.sort_by_cached_key(|(group, _)| order(*group, timeline));
        for (group, spans) in groups {
            if let Group::Thread(_) = group {
                threads += 1;
                if threads > MAX_THREADS {
                    rows.of_other_threads += spans.len();
                    continue;
                }
            }
            rows.add(name(group, timeline), group != Group::Futures, spans);
        }
        rows
    }

    fn add(&mut self, label: String, is_nested: bool, spans: Vec<Placed<'a>>) {
        let first = self.labels.len();
        // The last span in each row. Only it may still be open.
        let mut open: Vec<&Span> = Vec::new();
        for mut placed in spans {
            let span = placed.span;
            let encloses = |other: &&Span| end(other) > span.start_ns && end(other) >= end(span);
            let least = if is_nested { open.iter().rposition(encloses).map_or(0, |row| row + 1) } else { 0 };
            let row = (least..open.len()).find(|row| end(open[*row]) <= span.start_ns).unwrap_or(open.len());
            if row >= MAX_DEPTH {
                self.too_deep += 1;
                continue;
            }
            if row == open.len() {
                open.push(span);
            } else {
                open[row] = span;
            }
            placed.row = first + row;
            self.placed.push(placed);
        }
        self.groups.push(first);
        self.labels.push(label);
        self.labels.resize(first + open.len().max(1), String::new());
    }
}

fn name(group: Group, timeline: &Timeline) -> String {
    match group {
        Group::Phases => "phases".into(),
        Group::Futures => "futures".into(),
        Group::Thread(id) => thread_name(timeline, id),
    }
}

/// The name of a thread, or its number.
pub(super) fn thread_name(timeline: &Timeline, id: u64) -> String {
    let known = timeline.threads.iter().find(|thread| thread.id == id).map(|thread| thread.name.clone());
    known.filter(|name| !name.is_empty()).unwrap_or_else(|| format!("thread {id}"))
}

/// Up to when a span may be drawn: up to the beginning of the next one on any thread, since spans that followed one another must not look
/// parallel. `spans` are in the order in which they began.
fn room(spans: &[&Span], at: usize) -> u64 {
    let end = end(spans[at]);
    let next = spans.partition_point(|span| span.start_ns < end).max(at + 1);
    spans.get(next).map_or(u64::MAX, |next| next.start_ns).max(end)
}

#[cfg(test)]
mod tests {
    use super::{MAX_DEPTH, Rows};
    use concurrency_probe::Timeline;
    use serde_json::json;

    fn timeline(spans: &[(&str, u64, u64, u64)]) -> Timeline {
        let spans = spans.iter().map(|(kind, thread, start, end)| {
            let (kind, is_future) = if *kind == "future" { ("probe", true) } else { (*kind, false) };
            json!({ "kind": kind, "name": "x", "batch": "", "thread": thread, "start_ns": start, "end_ns": end, "is_future": is_future })
        });
        serde_json::from_value(json!({ "left_out": 0, "spans": spans.collect::<Vec<_>>(), "threads": [] }))
            .unwrap()
    }

    fn rows(spans: &[(&str, u64, u64, u64)]) -> Vec<(usize, u64, u64)> {
        let timeline = timeline(spans);
        let rows = Rows::of(&timeline, timeline.spans.iter().collect());
        rows.placed.iter().map(|placed| (placed.row, placed.span.start_ns, placed.room_ns)).collect()
    }

    #[test]
    fn what_is_inside_is_below_and_what_overlaps_has_a_row() {
        const NONE: u64 = u64::MAX;
        assert_eq!(rows(&[("lane", 0, 0, 5), ("lane", 0, 5, 9)]), [(0, 0, 5), (0, 5, NONE)]);
        assert_eq!(
            rows(&[("probe", 0, 0, 9), ("lane", 0, 0, 9)]),
            [(0, 0, NONE), (1, 0, NONE)],
            "the lane is outside"
        );
        assert_eq!(rows(&[("lane", 0, 0, 5), ("lane", 0, 3, 9)]), [(0, 0, NONE), (1, 3, NONE)]);
        assert_eq!(
            rows(&[("lane", 0, 0, 9), ("lane", 0, 1, 2), ("lane", 0, 3, 4), ("lane", 0, 10, 11)]),
            [(0, 0, 10), (1, 1, 3), (1, 3, 10), (0, 10, NONE)]
        );
        assert_eq!(
            rows(&[("phase", 0, 0, 9), ("lane", 0, 1, 2), ("future", 0, 0, 9), ("future", 0, 1, 2)]),
            [(0, 0, NONE), (1, 1, NONE), (2, 0, NONE), (3, 1, NONE)],
            "each kind has rows of its own"
        );
    }

    #[test]
    fn what_is_too_deep_is_counted() {
        let spans: Vec<_> = (0..100).map(|n| ("future", 0, n, 1000 - n)).collect();
        let timeline = timeline(&spans);
        let rows = Rows::of(&timeline, timeline.spans.iter().collect());
        assert_eq!((rows.labels.len(), rows.placed.len(), rows.too_deep), (MAX_DEPTH, MAX_DEPTH, 90));
    }
}
