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

/// The most spans of one picture. What began later is said to be missing.
pub(super) const MAX_SPANS: usize = 20_000;
/// The most spans of all pictures of a page, which share them.
pub(super) const MAX_SPANS_OF_PAGE: usize = 60_000;
/// The most pictures.
pub(super) const MAX_PICTURES: usize = 24;
/// The most steps of a curve. A longer one is drawn by its lowest and its highest level in each of so many moments.
const MAX_STEPS: usize = 4000;

/// The most batches that are named beside the one with the fewest threads.
const MAX_BATCHES: usize = 3;

/// What ran when, of one target, as the script draws it.
#[derive(Debug, Serialize)]
pub(super) struct Picture {
    /// Of the element that it is drawn in.
    id: String,
    /// When the scope ended.
    end: u64,
    /// The threads of the pool.
    pool: Option<u64>,
    /// How many threads ran at once: from when on, and how many.
    curve: Vec<(u64, u32)>,
    /// How many futures were in flight at once.
    futures: Vec<(u64, u32)>,
    labels: Vec<String>,
    groups: Vec<usize>,
    threads: Vec<String>,
    /// Eight numbers each: start, end, room, row, name, kind, batch, thread.
    spans: Vec<u64>,
    /// Where something is missing, so that it does not look idle.
    missing: Vec<Missing>,
    /// Of what.
    #[serde(skip)]
    target: String,
    /// What is seen, in words.
    #[serde(skip)]
    label: String,
    /// What is missing, in words.
    #[serde(skip)]
    notes: Vec<String>,
}

/// A stretch of time of which not everything is drawn.
#[derive(Debug, Serialize)]
struct Missing {
    from: u64,
    to: u64,
    why: &'static str,
    /// Whether the curve lacks it as well.
    is_unknown: bool,
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
        // What is outside shows where the time went: rather the whole time of it than all depths of a part.
        if spans.len() > limit {
            let all = spans.len();
            spans = outermost(spans);
            if let more @ 1.. = all - spans.len() {
                notes.push(format!("{more} calls, polls and waits inside of others on their thread are not drawn; the curve has them."));
            }
        }
        if let Some(first) = spans.get(limit) {
            missing.push(Missing { from: first.start_ns, to: last, why: "not drawn", is_unknown: false });
            notes.push(format!(
                "{} spans that began later are not drawn; the curve has them.",
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
            (rows.too_deep, format!("that lie more than {} deep", rows::MAX_DEPTH)),
        ] {
            if number > 0 {
                notes.push(format!("{number} spans {why} are not drawn; the curve has them."));
            }
        }
        // The first colours are for what runs, and not for phases.
        for placed in rows.placed.iter().filter(|placed| placed.span.kind != SpanKind::Phase) {
            names.number(&placed.span.name);
        }
        let ids: BTreeSet<u64> = rows.placed.iter().map(|placed| placed.span.thread).collect();
        let ids: Vec<u64> = ids.into_iter().collect();
        let mut drawn = Vec::with_capacity(rows.placed.len() * 8);
        for placed in &rows.placed {
            let span = placed.span;
            let thread = ids.binary_search(&span.thread).unwrap_or(0) as u64;
            let (name, batch) = (names.number(&span.name), batches.number(&span.batch));
            // Up to the end of the scope, and not farther: behind it there is nothing.
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
            curve: bounded(threads.steps),
            futures: bounded(futures.steps),
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

    /// Where the script draws, with what is seen in words.
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

/// What is seen, in words: what never ran beside itself comes first.
fn label(subject: Subject<'_>, threads: &Levels, futures: &Levels) -> String {
    let counted = |most: u32| match subject.pool() {
        Some(pool) => format!("{most} of {pool} threads"),
        None if most == 1 => "1 thread".into(),
        None => format!("{most} threads"),
    };
    if threads.most() == 0 {
        return "no lane and no call of a probe took any time".into();
    }
    let mut label = match &batches(subject)[..] {
        [] => format!("at most {} ran at once", counted(threads.most())),
        [(first, most)] => format!("{first}: at most {} ran at once", counted(*most)),
        [(first, most), others @ ..] => {
            let others = others.iter().take(MAX_BATCHES).map(|(batch, most)| format!("{batch}: {most}"));
            let others = others.collect::<Vec<_>>().join(", ");
            format!("{first}: at most {} ran at once ({others})", counted(*most))
        }
    };
    let _ = write!(label, ", {:.1} on average while any ran", average(&threads.steps));
    if futures.most() > 0 {
        let _ = write!(label, "; at most {} futures in flight", futures.most());
    }
    label
}

/// Each batch of more than one lane or call, and how many threads ran it at once, the fewest first. What is outside of all comes last.
fn batches(subject: Subject<'_>) -> Vec<(String, u32)> {
    let mut of_batches: BTreeMap<&str, Timeline> = BTreeMap::new();
    for span in subject.timeline().iter().flat_map(|timeline| &timeline.spans) {
        if span.kind != SpanKind::Phase && !span.is_future {
            of_batches.entry(&span.batch).or_default().spans.push(span.clone());
        }
    }
    let several = of_batches.into_iter().filter(|(_, timeline)| timeline.spans.len() > 1);
    let mut batches: Vec<_> =
        several.map(|(batch, timeline)| (batch, Levels::of_threads(&timeline).most())).collect();
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

fn kind(span: &Span) -> u64 {
    match span.kind {
        SpanKind::Phase => 0,
        SpanKind::Lane => 1,
        SpanKind::Poll => 3,
        SpanKind::Wait => 4,
        _ if span.is_future => 5,
        _ => 2,
    }
}

/// A curve of at most [`MAX_STEPS`] steps: of each moment the level at its begin, the lowest, the highest and the last one.
fn bounded(steps: Vec<(u64, u32)>) -> Vec<(u64, u32)> {
    let (Some((first, _)), Some((last, _))) = (steps.first(), steps.last()) else { return steps };
    if steps.len() <= MAX_STEPS {
        return steps;
    }
    let (first, moments) = (*first, MAX_STEPS as u64 / 4);
    let width = (last - first) / moments + 1;
    let mut kept: Vec<(u64, u32)> = Vec::new();
    for moment in steps.chunk_by(|a, b| (a.0 - first) / width == (b.0 - first) / width) {
        let level = |(_, level): &&(u64, u32)| *level;
        let (low, high) = (moment.iter().min_by_key(level), moment.iter().max_by_key(level));
        let mut of_moment: Vec<_> =
            [moment.first(), low, high, moment.last()].into_iter().flatten().copied().collect();
        of_moment.sort_unstable();
        of_moment.dedup();
        kept.extend(of_moment);
    }
    kept
}

/// The spans that all pictures of a page may have, each.
pub(super) fn limit(pictures: usize) -> usize {
    MAX_SPANS.min(MAX_SPANS_OF_PAGE / pictures.max(1))
}

#[cfg(test)]
mod tests {
    use super::{MAX_STEPS, bounded};

    #[test]
    fn a_long_curve_keeps_its_peaks_and_its_gaps() {
        let steps: Vec<_> =
            (0..100_000).map(|n| (n * 10, u32::from(n % 2 == 0) + u32::from(n == 5000) * 6)).collect();
        let kept = bounded(steps.clone());
        assert!(kept.len() <= MAX_STEPS && kept.is_sorted());
        assert!(kept.iter().all(|step| steps.contains(step)), "nothing is made up");
        assert!(kept.contains(&(50_000, 7)) && kept.iter().filter(|(_, level)| *level == 0).count() > 900);
        assert_eq!((kept.first(), kept.last()), (steps.first(), steps.last()));
        assert_eq!(bounded(steps[..100].to_vec()), steps[..100]);
    }
}
