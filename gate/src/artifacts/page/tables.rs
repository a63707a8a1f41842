//! The numbers as tables, which need no script and can be copied.

use super::html::{MAX_ROWS, escape, heads, table};
use super::self_time::self_times;
use super::subject::Subject;
use super::unit::Unit;
use crate::judgement::{Judgement, Verdict};
use crate::median::median;
use crate::results::{Results, Run};
use concurrency_probe::PassKind;
use std::collections::HashSet;
use std::fmt::Write;

/// The most targets of the table of counts, each of which is a column.
const MAX_TARGETS: usize = 24;

/// Every rule, with what was found.
pub(super) fn rules(judgements: &[Judgement]) -> String {
    let mut html = String::new();
    for Judgement { rule, why, verdict, found, .. } in judgements {
        let class = match verdict {
            Verdict::Holds => "right",
            Verdict::Fails => "wrong",
            _ => "unsure",
        };
        let _ = writeln!(
            html,
            "<tr class=\"{class}\"><th scope=\"row\">{}</th><td class=\"verdict\">{verdict}</td><td>{}<br><small>{}</small></td></tr>",
            escape(rule),
            escape(found),
            escape(why)
        );
    }
    if html.is_empty() {
        html
    } else {
        format!("<table class=\"rules\"><caption>Every rule</caption><tbody>{html}</tbody></table>\n")
    }
}

/// The runs of each target.
pub(super) fn runs(results: &Results, unit: Unit) -> String {
    let mut rows = Vec::new();
    if results.targets().len() == results.runs.len() {
        let row = |run: &Run| vec![run.target.clone(), unit.number(run.wall_ns)];
        return table(
            "Time of the runs",
            &["target".into(), of("time", unit)],
            &results.runs.iter().map(row).collect::<Vec<_>>(),
        );
    }
    for target in results.targets() {
        let times: Vec<u64> = results.of_target(target).map(|run| run.wall_ns).collect();
        let (Some(median), Some(first), Some(last)) =
            (median(times.iter().copied()), times.iter().min(), times.iter().max())
        else {
            continue;
        };
        let numbers = [median, *first, *last].map(|ns| unit.number(ns));
        rows.push([vec![target.to_owned(), times.len().to_string()], numbers.to_vec()].concat());
    }
    let columns =
        ["target".into(), "#runs".into(), of("median", unit), of("fastest", unit), of("slowest", unit)];
    table("Time of the runs", &columns, &rows)
}

/// What each target counted.
pub(super) fn counts(subjects: &[Subject<'_>]) -> String {
    let reported: Vec<_> =
        subjects.iter().filter_map(|subject| Some((subject.target, subject.report?))).collect();
    let shown = &reported[..reported.len().min(MAX_TARGETS)];
    let (mut names, mut known) = (Vec::new(), HashSet::new());
    for name in shown.iter().flat_map(|(_, report)| report.counts.keys()) {
        if known.insert(name) {
            names.push(name);
        }
    }
    let mut columns = vec!["count".to_owned()];
    columns.extend(shown.iter().map(|(target, _)| format!("#{target}")));
    let count = |name: &String| {
        let counts = shown
            .iter()
            .map(|(_, report)| report.counts.get(name).map_or_else(|| "-".into(), u64::to_string));
        std::iter::once(name.clone()).chain(counts).collect()
    };
    // Rows that are not shown are empty: only their number is needed.
    let rows: Vec<Vec<String>> = names
        .iter()
        .enumerate()
        .map(|(at, name)| if at < MAX_ROWS { count(name) } else { Vec::new() })
        .collect();
    table("Counts", &columns, &rows)
}

/// The batches of each probe.
pub(super) fn batches(subjects: &[Subject<'_>]) -> String {
    let mut rows = Vec::new();
    for Subject { target, report } in subjects {
        for probe in report.iter().flat_map(|report| &report.probes) {
            for batch in &probe.batches {
                let peak = batch.max_concurrent.map_or_else(|| "not known".into(), |peak| peak.to_string());
                rows.push(vec![
                    (*target).to_owned(),
                    probe.name.clone(),
                    self::batch(&batch.label),
                    batch.calls.to_string(),
                    batch.max_in_flight.to_string(),
                    peak,
                    format!("{}:{}", batch.file, batch.line),
                ]);
            }
        }
    }
    let columns =
        heads(["target", "probe", "batch", "#calls", "#peak in flight", "#peak threads at once", "place"]);
    table("Batches of each probe", &columns, &rows)
}

/// The time of each pass: how long it lasted, how much its threads did, and how much of that on a processor.
pub(super) fn passes(subjects: &[Subject<'_>], unit: Unit) -> String {
    let mut rows = Vec::new();
    for Subject { target, report } in subjects {
        for pass in report.iter().flat_map(|report| &report.passes) {
            let levels = pass.levels_ns.iter().enumerate().filter(|(_, ns)| **ns > 0).take(9);
            let levels: Vec<String> =
                levels.map(|(level, ns)| format!("{level}: {}", unit.number(*ns))).collect();
            rows.push(vec![
                (*target).to_owned(),
                format!("{}{}", pass.label, kind(pass.kind)),
                pass.passes.to_string(),
                pass.items.to_string(),
                unit.number(pass.wall_ns),
                unit.number(pass.busy_ns),
                pass.cpu_ns.map_or_else(|| "-".into(), |ns| unit.number(ns)),
                ratio(Some(pass.busy_ns), pass.wall_ns),
                ratio(pass.cpu_ns, pass.wall_ns),
                format!("{} of {}", pass.max_concurrent, pass.threads),
                levels.join(", "),
                format!("{}:{}", pass.file, pass.line),
            ]);
        }
    }
    let columns = [
        "target".to_owned(),
        "pass".into(),
        "#passes".into(),
        "#items".into(),
        of("wall", unit),
        of("busy", unit),
        of("processor", unit),
        "#busy / wall".into(),
        "#processor / wall".into(),
        "#peak".into(),
        format!("{} at each level", unit.name()),
        "place".into(),
    ];
    table("Time of each pass", &columns, &rows)
}

/// The time of each phase.
pub(super) fn phases(subjects: &[Subject<'_>], unit: Unit) -> String {
    let mut rows = Vec::new();
    for subject in subjects {
        let Some(report) = subject.report else { continue };
        let own = subject.timeline().map(|timeline| self_times(timeline, report.wall_ns)).unwrap_or_default();
        for phase in &report.phases {
            let own = own.iter().find(|(name, _)| *name == phase.name).map(|(_, ns)| unit.number(*ns));
            rows.push(vec![
                subject.target.to_owned(),
                phase.name.clone(),
                phase.times.to_string(),
                own.unwrap_or_else(|| "not known".into()),
                unit.number(phase.total_ns),
            ]);
        }
    }
    let columns = [
        "target".into(),
        "phase".into(),
        "#times".into(),
        of("by itself", unit),
        of("with what is inside", unit),
    ];
    let html = table("Time of each phase", &columns, &rows);
    if html.is_empty() {
        html
    } else {
        html + "<p class=\"note\">The time by itself is known only for reports with a timeline. The time with what is inside counts nested phases twice.</p>\n"
    }
}

/// The head of a column of times.
fn of(what: &str, unit: Unit) -> String {
    format!("#{what}, {}", unit.name())
}

#[expect(clippy::cast_precision_loss, reason = "it is shown with two places")]
fn ratio(part: Option<u64>, whole: u64) -> String {
    match part {
        Some(part) if whole > 0 => format!("{:.2}", part as f64 / whole as f64),
        _ => "-".into(),
    }
}

/// What is behind the label of passes.
pub(super) fn kind(kind: PassKind) -> &'static str {
    if kind == PassKind::Offload { " (offloads)" } else { "" }
}

/// The name of a batch.
pub(super) fn batch(label: &str) -> String {
    if label.is_empty() { "outside of all batches".into() } else { label.to_owned() }
}
