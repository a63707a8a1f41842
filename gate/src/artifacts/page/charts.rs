//! What is drawn beside the pictures: runs, pairs, levels, phases and peaks.

use super::html::escape;
use super::names::Names;
use super::self_time::self_times;
use super::subject::Subject;
use super::unit::{Unit, axis_end};
use crate::judgement::{Judgement, RatioInterval};
use crate::median::median;
use crate::results::Results;
use serde::Serialize;

/// The most rows of a chart.
const MAX_ROWS: usize = 40;
/// The most points of a row.
const MAX_POINTS: usize = 200;
/// The number of colours for amounts. Larger amounts share the last one.
const STEPS: usize = 9;
/// Without a rule that compares, up to so many targets are compared with the first one.
const MAX_COMPARED: usize = 8;

/// What an axis measures.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum Axis {
    Time,
    Share,
    Count,
    Ratio,
}

/// A chart of rows, as the script draws it.
#[derive(Debug, Serialize)]
pub(super) struct Chart {
    id: &'static str,
    axis: Axis,
    end: f64,
    rows: Vec<String>,
    /// Bars: row, from, to, number of the colour, text in the bar, text of the tooltip.
    parts: Vec<(usize, f64, f64, u64, String, String)>,
    /// Whether colours stand for amounts, and not for names.
    is_amount: bool,
    /// Points: row, position, text of the tooltip.
    points: Vec<(usize, f64, String)>,
    /// Intervals: row, low, mean, high.
    intervals: Vec<(usize, f64, f64, f64)>,
    /// Limits and totals: row, position, text of the tooltip.
    bounds: Vec<(usize, f64, String)>,
    #[serde(skip)]
    label: String,
    #[serde(skip)]
    note: String,
}

impl Chart {
    fn new(id: &'static str, axis: Axis, label: &str, note: &str) -> Self {
        Chart {
            id,
            axis,
            end: 1.0,
            rows: Vec::new(),
            parts: Vec::new(),
            is_amount: false,
            points: Vec::new(),
            intervals: Vec::new(),
            bounds: Vec::new(),
            label: label.into(),
            note: note.into(),
        }
    }

    /// Another row, if there is room.
    fn row(&mut self, name: String) -> Option<usize> {
        if self.rows.len() >= MAX_ROWS {
            return None;
        }
        self.rows.push(name);
        Some(self.rows.len() - 1)
    }

    /// Where the script draws.
    pub(super) fn html(&self) -> String {
        let label = escape(&self.label);
        let more = if self.rows.len() == MAX_ROWS {
            format!(" At most {MAX_ROWS} rows are drawn.")
        } else {
            String::new()
        };
        format!(
            "<figure role=\"figure\" aria-label=\"{label}\"><figcaption>{label}</figcaption><div class=\"chart\" id=\"{}\"></div>\
             <p class=\"note\">{}{more}</p></figure>\n",
            self.id,
            escape(&self.note)
        )
    }
}

/// The time of each run as a point. `None` if no target was run twice.
pub(super) fn runs(results: &Results, unit: Unit) -> Option<Chart> {
    let longest = results.runs.iter().map(|run| run.wall_ns).max()?;
    let mut chart =
        Chart::new("runs", Axis::Time, "Time of each run", "A point is a run, a line is the median.");
    let mut is_repeated = false;
    for target in results.targets() {
        let Some(row) = chart.row(target.to_owned()) else { break };
        let mut times = Vec::new();
        for run in results.of_target(target) {
            times.push(run.wall_ns);
            if times.len() <= MAX_POINTS {
                let says = format!("{target}, round {}: {}", run.round, unit.show(run.wall_ns));
                chart.points.push((row, float(run.wall_ns), says));
            }
        }
        is_repeated |= times.len() > 1;
        let median = median(times).unwrap_or(0);
        chart.bounds.push((row, float(median), format!("{target}, median: {}", unit.show(median))));
    }
    chart.end = float(axis_end(longest));
    is_repeated.then_some(chart)
}

/// Each round as a point: how long one target took over another. The rules say which targets are compared.
pub(super) fn pairs(results: &Results, judgements: &[Judgement]) -> Option<Chart> {
    let mut compared: Vec<([&str; 2], Option<RatioInterval>)> = Vec::new();
    for judgement in judgements {
        let Some([target, over]) = &judgement.compared else { continue };
        if compared.iter().all(|(pair, _)| *pair != [target, over]) {
            compared.push(([target, over], judgement.ratio));
        }
    }
    let targets = results.targets();
    if let (true, Some((first, others))) =
        (compared.is_empty() && targets.len() <= MAX_COMPARED, targets.split_first())
    {
        compared = others.iter().map(|target| ([*target, *first], None)).collect();
    }
    let mut chart = Chart::new(
        "pairs",
        Axis::Ratio,
        "Ratios of the pairs",
        "A point is a round: how many times as long it took. The bar is the 95 % interval of the mean, the dashed line is what is allowed.",
    );
    let mut farthest = 1.0_f64;
    for (pair, interval) in compared {
        let [target, over] = pair;
        let ratios: Vec<(u32, f64)> = results
            .of_target(target)
            .filter_map(|run| {
                let other = results.of_target(over).find(|other| other.round == run.round)?;
                Some((run.round, float(run.wall_ns.max(1)) / float(other.wall_ns.max(1))))
            })
            .take(MAX_POINTS)
            .collect();
        if ratios.is_empty() {
            continue;
        }
        let Some(row) = chart.row(format!("{target} / {over}")) else { break };
        for (round, ratio) in ratios {
            farthest = farthest.max(ratio);
            chart.points.push((row, ratio, format!("{target} / {over}, round {round}: {ratio:.3}")));
        }
        if let Some(RatioInterval { mean, low, high, at_most }) = interval
            && [mean, low, high, at_most].iter().all(|value| value.is_finite())
        {
            farthest = farthest.max(high).max(at_most);
            chart.intervals.push((row, low, mean, high));
            chart.bounds.push((row, at_most, format!("at most {at_most:.3} is allowed")));
        }
    }
    // A little room behind the farthest.
    chart.end = farthest * 1.05;
    (chart.rows.len() > usize::from(judgements.is_empty())
        || !chart.points.is_empty() && !judgements.is_empty())
    .then_some(chart)
    .filter(|chart| chart.points.len() > 1)
}

/// For which share of the time of a pass 0, 1, 2, .. threads were in its lanes.
pub(super) fn levels(subjects: &[Subject<'_>]) -> Option<Chart> {
    let mut chart = Chart::new(
        "levels",
        Axis::Share,
        "How many ran at once in each pass, as shares of its time",
        "The number in each part is how many ran at once. A stronger colour is a larger part of the pool. A pass that is 1 everywhere is serial.",
    );
    chart.is_amount = true;
    for Subject { target, report } in subjects {
        for pass in report.iter().flat_map(|report| &report.passes) {
            let whole: f64 = pass.levels_ns.iter().map(|ns| float(*ns)).sum();
            if whole <= 0.0 {
                continue;
            }
            let offloads = super::tables::kind(pass.kind);
            let Some(row) = chart.row(format!("{target}: {}{offloads}", pass.label)) else {
                return Some(chart);
            };
            // The darkest colour is all threads of the pool. Levels above the last step share its colour.
            let threads = usize::try_from(pass.threads).unwrap_or(usize::MAX);
            let most = pass.levels_ns.len().saturating_sub(1).max(threads).max(1);
            let mut from = 0.0;
            for (level, ns) in pass.levels_ns.iter().take(STEPS).enumerate() {
                let is_last = level == STEPS - 1 && pass.levels_ns.len() > STEPS;
                let ns = if is_last {
                    pass.levels_ns[level..].iter().map(|ns| float(*ns)).sum()
                } else {
                    float(*ns)
                };
                let (share, name) =
                    (ns / whole, if is_last { format!("{level} or more") } else { level.to_string() });
                if share > 0.0 {
                    // Level 1 has another colour than level 0, also in a large pool.
                    let color = (level * (STEPS - 1) / most).max(level.min(1));
                    let says =
                        format!("{name} at once for {:.1} % of {target}: {}", share * 100.0, pass.label);
                    chart.parts.push((row, from, (from + share).min(1.0), color as u64, name, says));
                }
                from += share;
            }
        }
    }
    (!chart.parts.is_empty()).then_some(chart)
}

/// The phases of each target with a timeline, by their time without the phases inside of them.
pub(super) fn phases(subjects: &[Subject<'_>], names: &mut Names, unit: Unit) -> Option<Chart> {
    let mut chart = Chart::new(
        "phases",
        Axis::Time,
        "Where the time went, by phase",
        "Each moment counts once, for the phase that began last. Time in an inner phase does not count for the outer one.",
    );
    let mut longest = 0;
    for subject in subjects {
        let (Some(timeline), Some(report)) = (subject.timeline(), subject.report) else { continue };
        let times = self_times(timeline, report.wall_ns);
        if times.is_empty() {
            continue;
        }
        longest = longest.max(report.wall_ns);
        let Some(row) = chart.row(subject.target.to_owned()) else { break };
        let mut from = 0;
        for (name, ns) in times {
            let says = format!("{}: {name} {}", subject.target, unit.show(ns));
            chart.parts.push((row, float(from), float(from + ns), names.number(name), name.to_owned(), says));
            from += ns;
        }
        chart.bounds.push((
            row,
            float(report.wall_ns),
            format!("the whole scope: {}", unit.show(report.wall_ns)),
        ));
    }
    chart.end = float(axis_end(longest));
    (!chart.parts.is_empty()).then_some(chart)
}

/// For targets without a timeline: how many threads were in a probe at once, in each batch.
pub(super) fn peaks(subjects: &[Subject<'_>]) -> Option<Chart> {
    let mut chart = Chart::new(
        "peaks",
        Axis::Count,
        "The most threads in a probe at once, by batch",
        "A dashed line is the size of the pool. For an async function without `polls`, a bar is the number of calls in flight.",
    );
    chart.is_amount = true;
    let mut most = 1;
    for subject in subjects.iter().filter(|subject| subject.timeline().is_none()) {
        for probe in subject.report.iter().flat_map(|report| &report.probes) {
            for batch in &probe.batches {
                let name =
                    format!("{}: {}, {}", subject.target, probe.name, super::tables::batch(&batch.label));
                let Some(row) = chart.row(name) else { break };
                let (peak, of) = match batch.max_concurrent {
                    Some(peak) => (peak, "threads at once"),
                    None => (batch.max_in_flight, "in flight"),
                };
                most = most.max(peak);
                let says = format!("{}: at most {peak} {of} in {} calls", probe.name, batch.calls);
                chart.parts.push((row, 0.0, float(peak), STEPS as u64 - 3, peak.to_string(), says));
                if let (Some(pool), Some(_)) = (subject.pool(), batch.max_concurrent) {
                    most = most.max(pool);
                    chart.bounds.push((row, float(pool), format!("the pool has {pool} threads")));
                }
            }
        }
    }
    chart.end = float(axis_end(most));
    (!chart.parts.is_empty()).then_some(chart)
}

#[expect(clippy::cast_precision_loss, reason = "it is drawn")]
fn float(number: u64) -> f64 {
    number as f64
}
