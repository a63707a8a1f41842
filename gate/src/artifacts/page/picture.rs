//! `Picture`: what ran when, of one target.

use super::html::escape;
use super::names::Names;
use super::rows::{self, Rows, thread_name};
use super::subject::Subject;
use super::tables;
use crate::levels::{Levels, known_until};
use concurrency_probe::{Span, SpanKind, Timeline};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// The most spans of one picture. A note says how many are left out.
pub(super) const MAX_SPANS: usize = 20_000;
/// The most spans of all pictures of a page, which share them.
pub(super) const MAX_SPANS_OF_PAGE: usize = 60_000;
/// The most pictures.
pub(super) const MAX_PICTURES: usize = 24;
/// The most steps of a curve.
const MAX_STEPS: usize = 4000;
/// A longer curve is drawn as this many moments, each with its mean, its lowest and its highest level.
const MAX_MOMENTS: u64 = 2000;

/// The most batches that are named beside the one with the fewest threads.
const MAX_BATCHES: usize = 3;

/// What ran when, of one target, as the script draws it.
#[derive(Debug, Serialize)]
pub(super) struct Picture {
    /// The id of the element that it is drawn in.
    id: String,
    /// When the scope ended.
    pub end: u64,
    /// The threads of the pool.
    pub pool: Option<u64>,
    /// How many threads ran at once: from when on, and how many.
    pub curve: Vec<Step>,
    /// How many futures were in flight at once.
    pub futures: Vec<Step>,
    /// The label of each row: the name of a group at its first row, otherwise empty.
    pub labels: Vec<String>,
    /// The first row of each group.
    pub groups: Vec<usize>,
    threads: Vec<String>,
    /// Eight numbers each: start, end, room, row, name, kind, batch, thread. Tens of thousands of objects would be slow to read.
    spans: Vec<u64>,
    /// Where something is missing, so that it does not look idle.
    pub missing: Vec<Missing>,
    /// The name of the target.
    #[serde(skip)]
    pub target: String,
    /// A sentence about it.
    #[serde(skip)]
    pub label: String,
    /// Sentences about what is not drawn.
    #[serde(skip)]
    pub notes: Vec<String>,
}

/// A time in which some spans are not drawn.
#[derive(Debug, Serialize)]
pub(super) struct Missing {
    pub from: u64,
    pub to: u64,
    pub why: &'static str,
    /// Whether the curve lacks it as well.
    pub is_unknown: bool,
}

/// A span, as it is drawn.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bar {
    pub start: u64,
    pub end: u64,
    /// A short span is drawn longer, so that it is seen, but at most up to here.
    pub room: u64,
    pub row: u64,
    /// The number of its name.
    pub name: u64,
    pub kind: u64,
}

impl Bar {
    /// Whether it waited in a hold.
    pub(super) fn is_wait(self) -> bool {
        self.kind == WAIT
    }

    /// Whether it is a poll, inside of which calls are.
    pub(super) fn is_poll(self) -> bool {
        self.kind == POLL
    }
}

impl Picture {
    /// Of a target with a timeline.
    pub(super) fn of(
        subject: Subject<'_>,
        at: usize,
        limit: usize,
        names: &mut Names,
        batches: &mut Names,
    ) -> Option<Self> {
        let (timeline, report) = (subject.timeline()?, subject.report?);
        let mut spans: Vec<&Span> = timeline.spans.iter().collect();
        spans.sort_by_key(|span| (span.start_ns, std::cmp::Reverse(rows::end(span))));
        let last = timeline.spans.iter().map(rows::end).max().unwrap_or(0);
        let end = report.wall_ns.max(last);
        let mut notes = Vec::new();
        let mut missing = Vec::new();
        // Outer spans show where the time went. It is better to draw them for the whole time than all spans for a part of it.
        if spans.len() > limit {
            let all = spans.len();
            spans = outermost(spans);
            if let more @ 1.. = all - spans.len() {
                notes.push(format!(
                    "{more} spans inside of others on their thread are not drawn; the curve counts them."
                ));
            }
        }
        if let Some(first) = spans.get(limit) {
            missing.push(Missing { from: first.start_ns, to: last, why: "not drawn", is_unknown: false });
            notes.push(format!(
                "{} spans that began later are not drawn; the curve counts those that run on threads.",
                spans.len() - limit
            ));
        }
        if let Some(known) = known_until(timeline) {
            missing.push(Missing { from: known, to: end, why: "not in the report", is_unknown: true });
            notes.push(format!(
                "{} spans that began later are not in the report: where it is hatched, only what began before is known, and there is no curve.",
                timeline.left_out
            ));
        }
        spans.truncate(limit);
        let rows = Rows::of(timeline, spans);
        for (number, why) in [
            (rows.of_other_threads, format!("of other threads than the first {}", rows::MAX_THREADS)),
            (rows.too_deep, format!("that lie below the {} rows of their kind or thread", rows::MAX_DEPTH)),
        ] {
            if number > 0 {
                notes.push(format!("{number} spans {why} are not drawn; the curve counts them."));
            }
        }
        // The first colours are for calls, so that a probe has the same one in most pictures, and the last ones for phases.
        for is_next in [
            |kind: SpanKind| kind == SpanKind::Probe,
            |kind: SpanKind| kind != SpanKind::Probe && kind != SpanKind::Phase,
        ] {
            for placed in rows.placed.iter().filter(|placed| is_next(placed.span.kind)) {
                names.number(&placed.span.name);
            }
        }
        let ids: BTreeSet<u64> = rows.placed.iter().map(|placed| placed.span.thread).collect();
        let ids: Vec<u64> = ids.into_iter().collect();
        let mut drawn = Vec::with_capacity(rows.placed.len() * 8);
        for placed in &rows.placed {
            let span = placed.span;
            let thread = ids.binary_search(&span.thread).unwrap_or(0) as u64;
            let (name, batch) = (names.number(&span.name), batches.number(&span.batch));
            // Not past the end of the scope.
            let room = placed.room_ns.min(end).max(rows::end(span));
            drawn.extend([
                span.start_ns,
                rows::end(span),
                room,
                placed.row as u64,
                name,
                kind(span),
                batch,
                thread,
            ]);
        }
        let (threads, futures) = (Levels::of_threads(timeline), Levels::of_futures(timeline));
        Some(Picture {
            id: format!("picture-{at}"),
            end,
            pool: subject.pool(),
            target: subject.target.to_owned(),
            label: label(subject, &threads, &futures),
            curve: bounded(&threads.steps),
            futures: bounded(&futures.steps),
            labels: rows.labels,
            groups: rows.groups,
            threads: ids.iter().map(|id| thread_name(timeline, *id)).collect(),
            spans: drawn,
            missing,
            notes,
        })
    }

    /// When it ends.
    pub(super) fn end(&self) -> u64 {
        self.end
    }

    /// What is drawn in its rows.
    pub(super) fn bars(&self) -> impl Iterator<Item = Bar> + '_ {
        self.spans.chunks_exact(8).map(|span| Bar {
            start: span[0],
            end: span[1],
            room: span[2],
            row: span[3],
            name: span[4],
            kind: span[5],
        })
    }

    /// The element that the script draws in, with the sentences.
    pub(super) fn html(&self) -> String {
        let (target, label) = (escape(&self.target), escape(&self.label));
        let mut html = format!(
            "<figure class=\"picture\" role=\"figure\" aria-label=\"{target}: {label}\">\
             <figcaption><strong>{target}</strong>: {label}</figcaption><div class=\"chart\" id=\"{}\"></div>",
            self.id
        );
        for note in &self.notes {
            let _ = write!(html, "<p class=\"note\">{}</p>", escape(note));
        }
        html + "</figure>\n"
    }
}

/// Without what lies inside of another span on its thread. Spans are in the order in which they began.
fn outermost(spans: Vec<&Span>) -> Vec<&Span> {
    let mut ends: BTreeMap<u64, u64> = BTreeMap::new();
    let is_outer = |span: &&Span| {
        if span.kind == SpanKind::Phase || span.is_future {
            return true;
        }
        let end = ends.entry(span.thread).or_default();
        let is_outer = rows::end(span) > *end;
        *end = (*end).max(rows::end(span));
        is_outer
    };
    spans.into_iter().filter(is_outer).collect()
}

/// A sentence about the picture. The batch with the fewest threads at once comes first.
fn label(subject: Subject<'_>, threads: &Levels, futures: &Levels) -> String {
    let counted = |most: u32| match subject.pool() {
        Some(pool) => format!("{most} of {pool} threads"),
        None if most == 1 => "1 thread".into(),
        None => format!("{most} threads"),
    };
    let known = subject.timeline().and_then(known_until);
    let mut label = if threads.most() == 0 {
        "no thread was seen in a lane or in a call of a probe".into()
    } else {
        let mut label = match &batches(subject, known)[..] {
            [] => format!("at most {} ran at once", counted(threads.most())),
            // No call was in a batch, so none is named.
            [(batch, most)] if *batch == tables::batch("") => {
                format!("at most {} ran at once", counted(*most))
            }
            [(first, most)] => format!("{first}: at most {} ran at once", counted(*most)),
            [(first, most), others @ ..] => {
                let named = others.iter().take(MAX_BATCHES).map(|(batch, most)| format!("{batch}: {most}"));
                let more = others.len().saturating_sub(MAX_BATCHES);
                let more = (more > 0).then(|| format!("and {more} more batches"));
                let others = named.chain(more).collect::<Vec<_>>().join(", ");
                format!("{first}: at most {} ran at once ({others})", counted(*most))
            }
        };
        let _ = write!(label, ", {:.1} on average while any ran", average(&threads.steps));
        label
    };
    if futures.most() > 0 {
        let _ = write!(
            label,
            "; at most {} in flight",
            if futures.most() == 1 { "1 future".into() } else { format!("{} futures", futures.most()) }
        );
    }
    if known.is_some() {
        label += "; of the time before spans were left out";
    }
    label
}

/// Each batch with several items of a pass, or with several calls outside of passes, and the most threads that ran it at once. The batch with the
/// fewest comes first, and what is outside of all batches comes last.
fn batches(subject: Subject<'_>, known: Option<u64>) -> Vec<(String, u32)> {
    let mut of_batches: BTreeMap<&str, Timeline> = BTreeMap::new();
    for span in subject.timeline().iter().flat_map(|timeline| &timeline.spans) {
        if span.kind != SpanKind::Phase && !span.is_future {
            of_batches.entry(&span.batch).or_default().spans.push(span.clone());
        }
    }
    let has_several = |timeline: &Timeline| {
        let count = |kind| timeline.spans.iter().filter(|span| span.kind == kind).count();
        let lanes = count(SpanKind::Lane);
        lanes > 1 || (lanes == 0 && count(SpanKind::Probe) > 1)
    };
    let several = of_batches.into_iter().filter(|(_, timeline)| has_several(timeline));
    let mut batches: Vec<_> =
        several.map(|(batch, timeline)| (batch, Levels::of_threads(&timeline).until(known).most())).collect();
    batches.sort_by_key(|(batch, most)| (batch.is_empty(), *most));
    batches.into_iter().map(|(batch, most)| (tables::batch(batch), most)).collect()
}

#[expect(clippy::cast_precision_loss, reason = "it is shown with one place")]
fn average(steps: &[(u64, u32)]) -> f64 {
    let (mut busy, mut any) = (0.0, 0.0);
    for pair in steps.windows(2) {
        let (level, time) = (f64::from(pair[0].1), (pair[1].0 - pair[0].0) as f64);
        busy += level * time;
        any += if pair[0].1 > 0 { time } else { 0.0 };
    }
    if any > 0.0 { busy / any } else { 0.0 }
}

/// The numbers of two kinds in the data.
const POLL: u64 = 3;
const WAIT: u64 = 4;

fn kind(span: &Span) -> u64 {
    match span.kind {
        SpanKind::Phase => 0,
        SpanKind::Lane => 1,
        SpanKind::Poll => POLL,
        SpanKind::Wait => WAIT,
        _ if span.is_future => 5,
        _ => 2,
    }
}

/// A part of a curve, which begins at a time in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub(super) enum Step {
    /// The level.
    Exact(u64, u32),
    /// The mean, the lowest and the highest level.
    Summed(u64, f64, u32, u32),
}

impl Step {
    /// When it begins.
    pub(super) fn at(self) -> u64 {
        match self {
            Step::Exact(at, _) | Step::Summed(at, ..) => at,
        }
    }

    /// The level, or its mean.
    pub(super) fn level(self) -> f64 {
        match self {
            Step::Exact(_, level) => level.into(),
            Step::Summed(_, mean, ..) => mean,
        }
    }

    /// The highest level.
    pub(super) fn highest(self) -> u32 {
        match self {
            Step::Exact(_, level) | Step::Summed(.., level) => level,
        }
    }
}

/// A curve of at most [`MAX_STEPS`] steps. A longer curve becomes [`MAX_MOMENTS`] moments, each with its mean. To leave steps out was rejected: a level
/// of one microsecond could then stand for a moment that is a thousand times as long.
#[expect(clippy::cast_precision_loss, reason = "it is drawn")]
fn bounded(steps: &[(u64, u32)]) -> Vec<Step> {
    let (Some((first, _)), Some((last, _))) = (steps.first(), steps.last()) else { return Vec::new() };
    if steps.len() <= MAX_STEPS {
        return steps.iter().map(|(at, level)| Step::Exact(*at, *level)).collect();
    }
    let width = (last - first) / MAX_MOMENTS + 1;
    let mut moments = Vec::new();
    let (mut next, mut level) = (0, 0);
    let mut from = *first;
    while from < *last {
        let to = from.saturating_add(width).min(*last);
        let (mut at, mut area) = (from, 0.0);
        // The level at the beginning of the moment counts, unless it changes right there.
        let begins_anew = steps.get(next).is_some_and(|(begin, _)| *begin == from);
        let (mut low, mut high) = if begins_anew { (u32::MAX, 0) } else { (level, level) };
        while let Some((begin, new)) = steps.get(next).filter(|(begin, _)| *begin < to) {
            area += f64::from(level) * (begin - at) as f64;
            (at, level, next) = (*begin, *new, next + 1);
            (low, high) = (low.min(level), high.max(level));
        }
        area += f64::from(level) * (to - at) as f64;
        moments.push(Step::Summed(from, area / (to - from) as f64, low, high));
        from = to;
    }
    let end = steps.last().map_or(0, |(_, level)| *level);
    moments.push(Step::Summed(*last, end.into(), end, end));
    moments
}

/// The most spans of each picture, if there are this many pictures.
pub(super) fn limit(pictures: usize) -> usize {
    MAX_SPANS.min(MAX_SPANS_OF_PAGE / pictures.max(1))
}

#[cfg(test)]
mod tests {
    use super::{MAX_STEPS, Step, bounded};

    #[test]
    #[expect(clippy::cast_precision_loss, reason = "a million")]
    fn a_long_curve_keeps_its_peaks_its_gaps_and_how_long_each_lasted() {
        // One thread, and eight for a thousandth of the time.
        let steps: Vec<_> =
            (0..20_000_u64).map(|n| if n % 2 == 0 { (n * 500, 8) } else { (n * 500 - 499, 1) }).collect();
        let kept = bounded(&steps);
        assert!(kept.len() <= MAX_STEPS);
        let area = |steps: &[(u64, f64)]| -> f64 {
            steps.windows(2).map(|pair| pair[0].1 * (pair[1].0 - pair[0].0) as f64).sum()
        };
        let exact: Vec<(u64, f64)> = steps.iter().map(|(at, level)| (*at, f64::from(*level))).collect();
        let mut drawn = Vec::new();
        for step in &kept[..kept.len() - 1] {
            let Step::Summed(at, mean, low, high) = *step else { panic!("{step:?}") };
            assert_eq!((low, high), (1, 8));
            assert!((1.0..1.1).contains(&mean), "{step:?}");
            drawn.push((at, mean));
        }
        let Some(Step::Summed(last, ..)) = kept.last().copied() else { panic!("{kept:?}") };
        drawn.push((last, 0.0));
        assert!((area(&exact) - area(&drawn)).abs() < 1.0, "{} {}", area(&exact), area(&drawn));
        assert_eq!(bounded(&steps[..2]), [Step::Exact(0, 8), Step::Exact(1, 1)]);
        assert_eq!(bounded(&[]), []);
    }
}
