//! `Levels`: how many ran at once, over the time of a timeline.

use concurrency_probe::{Span, SpanKind, Timeline};
use std::collections::BTreeMap;

/// How many ran at once, as steps: from each time on it was so many, until the next one.
///
/// A thread that runs a lane or a call of a probe counts once, also if several of them are nested. A call that waits in a hold counts too: it
/// is inside of its probe, as in the peaks of a reading. A future in flight has no thread; [`Levels::of_futures`] counts it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Levels {
    /// From when on, in nanoseconds since the scope opened, and how many. In the order of time; neighbours differ.
    pub steps: Vec<(u64, u32)>,
}

/// The time up to which a timeline is complete, in nanoseconds since its scope opened. `None` if nothing was left out.
///
/// If a report does not say when spans were first left out, it is the beginning of its last span.
pub fn known_until(timeline: &Timeline) -> Option<u64> {
    let last = || timeline.spans.iter().map(|span| span.start_ns).max().unwrap_or(0);
    (timeline.left_out > 0).then(|| timeline.left_out_since_ns.unwrap_or_else(last))
}

impl Levels {
    /// How many threads were in a lane or in a call of a probe at once.
    pub fn of_threads(timeline: &Timeline) -> Self {
        let runs = |span: &Span| match span.kind {
            SpanKind::Lane | SpanKind::Poll => true,
            SpanKind::Probe => !span.is_future,
            _ => false,
        };
        let mut of_threads: BTreeMap<u64, Vec<(u64, i32)>> = BTreeMap::new();
        for span in timeline.spans.iter().filter(|span| runs(span)) {
            of_threads.entry(span.thread).or_default().extend(edges(span));
        }
        // A thread counts once, even if calls are nested on it.
        let edges = of_threads.into_values().flat_map(|edges| {
            let steps = add_up(edges).into_iter().map(|(at, level)| (at, i32::from(level > 0)));
            let mut before = 0;
            steps
                .filter_map(move |(at, inside)| {
                    let change = inside - std::mem::replace(&mut before, inside);
                    (change != 0).then_some((at, change))
                })
                .collect::<Vec<_>>()
        });
        Levels { steps: add_up(edges.collect()) }.until(known_until(timeline))
    }

    /// How many futures of probes were in flight at once.
    pub fn of_futures(timeline: &Timeline) -> Self {
        let is_in_flight = |span: &&Span| span.is_future && span.kind == SpanKind::Probe;
        let futures = timeline.spans.iter().filter(is_in_flight);
        Levels { steps: add_up(futures.flat_map(edges).collect()) }.until(known_until(timeline))
    }

    /// Cuts the steps off at the time up to which the timeline is complete.
    #[must_use]
    pub(crate) fn until(mut self, known: Option<u64>) -> Self {
        if let Some(until) = known {
            self.steps.retain(|(at, _)| *at < until);
            if self.steps.last().is_some_and(|(_, level)| *level > 0) {
                self.steps.push((until, 0));
            }
        }
        self
    }

    /// The most at once; 0 if nothing ran.
    pub fn most(&self) -> u32 {
        self.steps.iter().map(|(_, level)| *level).max().unwrap_or(0)
    }
}

/// The changes that a span makes. A span without a length makes none.
fn edges(span: &Span) -> Vec<(u64, i32)> {
    if span.end_ns > span.start_ns { vec![(span.start_ns, 1), (span.end_ns, -1)] } else { Vec::new() }
}

/// Adds changes up to levels. At one moment, ends come before beginnings, so that spans that follow one another do not overlap.
fn add_up(mut changes: Vec<(u64, i32)>) -> Vec<(u64, u32)> {
    changes.sort_unstable();
    let mut steps: Vec<(u64, u32)> = Vec::new();
    let mut level = 0_i32;
    for (at, change) in changes {
        level += change;
        let level = u32::try_from(level).unwrap_or(0);
        match steps.last_mut() {
            Some((last, known)) if *last == at => *known = level,
            _ => steps.push((at, level)),
        }
    }
    steps.dedup_by_key(|(_, level)| *level);
    steps
}

#[cfg(test)]
mod tests {
    use super::{Levels, known_until};
    use concurrency_probe::Timeline;
    use serde_json::json;

    fn timeline(spans: &[(&str, u64, u64, u64)]) -> Timeline {
        let spans: Vec<_> = spans
            .iter()
            .map(|(kind, thread, start, end)| {
                let (kind, is_future) = if *kind == "future" { ("probe", true) } else { (*kind, false) };
                json!({ "kind": kind, "name": "x", "batch": "", "thread": thread, "start_ns": start, "end_ns": end,
                    "is_future": is_future })
            })
            .collect();
        serde_json::from_value(json!({ "left_out": 0, "spans": spans, "threads": [] })).unwrap()
    }

    #[test]
    fn a_thread_counts_once_and_only_while_it_runs_something() {
        type Spans<'a> = &'a [(&'a str, u64, u64, u64)];
        for (what, spans, steps) in [
            ("nothing", &[] as Spans<'_>, &[] as &[(u64, u32)]),
            ("one after another", &[("lane", 0, 0, 5), ("lane", 1, 5, 9)], &[(0, 1), (9, 0)]),
            (
                "beside one another",
                &[("lane", 0, 0, 5), ("lane", 1, 3, 9)],
                &[(0, 1), (3, 2), (5, 1), (9, 0)],
            ),
            ("a call in its lane", &[("lane", 0, 0, 9), ("probe", 0, 2, 5)], &[(0, 1), (9, 0)]),
            ("a wait and a phase", &[("wait", 0, 0, 9), ("phase", 1, 2, 5)], &[]),
            ("a future", &[("future", 0, 0, 9), ("poll", 0, 2, 5)], &[(2, 1), (5, 0)]),
            ("no length", &[("lane", 0, 4, 4)], &[]),
            ("backwards", &[("lane", 0, 4, 3)], &[]),
        ] {
            let levels = Levels::of_threads(&timeline(spans));
            assert_eq!(levels.steps, steps, "{what}");
            assert_eq!(levels.most(), steps.iter().map(|(_, level)| *level).max().unwrap_or(0), "{what}");
        }
    }

    /// What runs for longer than is known of the others says nothing of how many there were.
    #[test]
    fn levels_end_where_spans_were_left_out() {
        let mut timeline = timeline(&[("lane", 0, 0, 100), ("lane", 1, 2, 4), ("lane", 1, 6, 8)]);
        assert_eq!(known_until(&timeline), None);
        assert_eq!(Levels::of_threads(&timeline).steps.last(), Some(&(100, 0)));
        timeline.left_out = 1;
        assert_eq!(known_until(&timeline), Some(6));
        timeline.left_out_since_ns = Some(7);
        assert_eq!(known_until(&timeline), Some(7));
        timeline.left_out_since_ns = None;
        assert_eq!(Levels::of_threads(&timeline).steps, [(0, 1), (2, 2), (4, 1), (6, 0)]);
    }

    #[test]
    fn futures_in_flight_are_counted_by_themselves() {
        let timeline = timeline(&[("future", 0, 0, 9), ("future", 0, 1, 4), ("lane", 0, 0, 9)]);
        assert_eq!(Levels::of_futures(&timeline).steps, [(0, 1), (1, 2), (4, 1), (9, 0)]);
        assert_eq!(Levels::of_threads(&timeline).most(), 1);
    }
}
