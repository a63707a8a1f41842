//! The page of a history: each number of each target over the sessions, as a chart and as a table.

use super::document::{document, section};
use super::html::{escape, heads, json, table};
use crate::history::{Figure, History, Kind, Point, Series, SessionLine};
use crate::judgement::Verdict;
use crate::sentence::{counted, whole};
use serde::Serialize;
use std::fmt::Write;

const SCRIPT: &str = include_str!("history.js");

/// The most sessions that are drawn: the last ones.
const MAX_SESSIONS: usize = 500;
/// The most charts that are drawn.
const MAX_CHARTS: usize = 60;
/// The most sessions in a table: the last ones.
const MAX_ROWS: usize = 100;

/// What the script draws.
#[derive(Serialize)]
struct Drawn {
    /// The label of each session, below the axis.
    sessions: Vec<String>,
    /// The first session that is drawn.
    first: usize,
    charts: Vec<Chart>,
}

/// One number of one target. Positions are numbers of sessions.
#[derive(Serialize)]
struct Chart {
    id: String,
    unit: Unit,
    points: Vec<Mean>,
    /// What is wrong: position, mean, lines of the tooltip.
    wrong: Vec<(usize, Option<f64>, Vec<String>)>,
    /// Where the machine changes, and the new machine.
    machines: Vec<(f64, String)>,
}

/// Position, mean, median, low, high, lines of the tooltip.
type Mean = (usize, f64, f64, Option<f64>, Option<f64>, Vec<String>);

/// The unit of a chart.
#[derive(Clone, Copy, Serialize)]
struct Unit {
    name: &'static str,
    by: f64,
}

impl Unit {
    /// The unit in which the largest number is easy to read.
    fn of(kind: Kind, largest: f64) -> Self {
        let (name, by) = match kind {
            Kind::Time if largest < 1e4 => ("ns", 1.0),
            Kind::Time if largest < 1e7 => ("µs", 1e3),
            Kind::Time if largest < 1e10 => ("ms", 1e6),
            Kind::Time => ("s", 1e9),
            Kind::Bytes => ("MiB", 1_048_576.0),
            Kind::Count => ("", 1.0),
        };
        Unit { name, by }
    }

    /// A number with four digits; a whole number with all of its digits.
    fn number(self, value: f64) -> String {
        let value = value / self.by;
        if let Some(whole) = whole(value) {
            return whole;
        }
        let places = match value.abs() {
            ..1.0 => 4,
            ..10.0 => 3,
            ..100.0 => 2,
            ..1000.0 => 1,
            _ => 0,
        };
        format!("{value:.places$}")
    }

    fn show(self, value: f64) -> String {
        format!("{} {}", self.number(value), self.name).trim_end().to_owned()
    }
}

/// The page.
pub(in crate::artifacts) fn page(history: &History) -> String {
    let (all, more) = history.series(MAX_SESSIONS, MAX_CHARTS);
    let charts: Vec<(Chart, String, String)> =
        all.iter().enumerate().map(|(at, series)| chart(series, at)).collect();
    let number = history.sessions.len();
    let sessions = if number == 1 { "1 session".into() } else { format!("{number} sessions") };
    let title = format!("probe-gate: {sessions}");
    let mut body = format!("<h1>{title}</h1>\n");
    section(&mut body, "The last session", &last(history));
    let mut drawn = String::from(
        "<p class=\"note\">A point is the mean of a session, the band is its 95 % interval, a diamond says that a rule about the target, or a \
         run, failed. A dashed line is where the machine is another one: the times before and after it are not comparable. No axis begins \
         at 0.</p>\n",
    );
    drawn += &charts.iter().map(|(_, figure, _)| figure.as_str()).collect::<String>();
    for (more, what) in [
        (more, "more numbers are not drawn"),
        (number.saturating_sub(MAX_SESSIONS), "sessions before these are not drawn"),
    ] {
        if more > 0 {
            let _ = writeln!(drawn, "<p class=\"note\">{more} {what}.</p>");
        }
    }
    section(&mut body, "Over time", &drawn);
    let tables: String = charts.iter().map(|(_, _, table)| table.as_str()).collect();
    section(&mut body, "Numbers", &tables);
    let data = Drawn {
        sessions: history.sessions.iter().map(SessionLine::label).collect(),
        first: number.saturating_sub(MAX_SESSIONS),
        charts: charts.into_iter().map(|(chart, ..)| chart).collect(),
    };
    document(&title, &body, &json(&data), SCRIPT)
}

/// The verdict of the last session, and which lines were cut off.
fn last(history: &History) -> String {
    let mut html = String::new();
    let mut say = |class: &str, text: &str| {
        let _ = writeln!(html, "<p class=\"sentence {class}\">{}</p>", escape(text));
    };
    if let Some(session) = history.sessions.last() {
        let SessionLine { failure, rules, base, .. } = session;
        let label = session.label();
        let base = base.as_ref().map_or_else(String::new, |base| format!(", compared with {base}"));
        let names = |is: fn(Verdict) -> bool| {
            let names = rules.iter().filter(|rule| is(rule.verdict)).map(|rule| rule.rule.as_str());
            names.collect::<Vec<_>>().join(", ")
        };
        let fails = names(|verdict| verdict == Verdict::Fails);
        let unsure = names(|verdict| !matches!(verdict, Verdict::Fails | Verdict::Holds));
        match failure {
            Some(failure) => say("wrong", &format!("✗ {label}{base}: {failure}")),
            None if !fails.is_empty() => say("wrong", &format!("✗ {label}{base}: {fails} fails")),
            None if !unsure.is_empty() => say("unsure", &format!("? {label}{base}: not decided: {unsure}")),
            None if rules.is_empty() => say("unsure", &format!("? {label}{base}: no rule was judged")),
            None => say("right", &format!("✓ {label}{base}: every rule holds")),
        }
    }
    for line in &history.cut {
        say("unsure", &format!("Line {line} was cut off when a gate was killed, and is skipped."));
    }
    html
}

/// A chart, its element, and its table.
fn chart(series: &Series<'_>, at: usize) -> (Chart, String, String) {
    let Series { target, metric, points } = series;
    let figures = points.iter().filter_map(|point| point.measured);
    let largest = figures.map(|(_, figure)| figure.high.unwrap_or(figure.mean)).fold(0.0, f64::max);
    let unit = Unit::of(Kind::of(metric), largest);
    let mut chart = Chart {
        id: format!("history-{at}"),
        unit,
        points: Vec::new(),
        wrong: Vec::new(),
        machines: Vec::new(),
    };
    let mut before = None;
    for point in points {
        let mean = point.measured.map(|(_, figure)| figure.mean);
        if let Some((_, Figure { mean, median, low, high, .. })) = point.measured {
            chart.points.push((point.at, *mean, *median, *low, *high, says(series.target, point, unit)));
        }
        if !point.wrong.is_empty() {
            chart.wrong.push((point.at, mean, says(series.target, point, unit)));
        }
        if let (true, Some(before)) = (point.is_other_machine, before) {
            #[expect(clippy::cast_precision_loss, reason = "there are few sessions")]
            let between = f64::midpoint(before as f64, point.at as f64);
            chart.machines.push((between, point.machine()));
        }
        before = Some(point.at);
    }
    let label = escape(&format!("{target}, {metric}"));
    let machines: Vec<String> = chart.machines.iter().map(|(_, machine)| machine.clone()).collect();
    let note = if machines.is_empty() {
        String::new()
    } else {
        format!("<p class=\"note\">Another machine, from left to right: {}</p>", escape(&machines.join("; ")))
    };
    let figure = format!(
        "<figure role=\"figure\" aria-label=\"{label}\"><figcaption>{label}</figcaption><div class=\"chart\" id=\"{}\"></div>{note}</figure>\n",
        chart.id
    );
    (chart, figure, numbers(series, unit))
}

/// The lines of a tooltip.
fn says(target: &str, point: &Point<'_>, unit: Unit) -> Vec<String> {
    let mut said = vec![point.session.label_of(target)];
    said.extend(point.session.base.iter().map(|base| format!("compared with {base}")));
    if let Some((line, Figure { mean, median, low, high, .. })) = point.measured {
        said.push(format!(
            "mean {}, median {}, in {}",
            unit.show(*mean),
            unit.show(*median),
            counted(line.runs.into(), "run")
        ));
        if let (Some(low), Some(high)) = (low, high) {
            said.push(format!("95 % interval from {} to {}", unit.show(*low), unit.show(*high)));
        }
    }
    if point.change.is_some() {
        said.push(format!("{} since the session before that has this number", point.change()));
    }
    said.push(format!("on {}", point.machine()));
    said.extend(point.wrong.iter().map(|wrong| format!("✗ {wrong}")));
    said
}

/// The last sessions as a table, the newest first.
fn numbers(series: &Series<'_>, unit: Unit) -> String {
    let shown = |value: Option<f64>| value.map_or_else(|| "-".into(), |value| unit.number(value));
    let row = |point: &Point<'_>| {
        let figure = point.measured.map(|(_, figure)| figure);
        vec![
            point.session.label_of(series.target),
            point.measured.map_or_else(|| "-".into(), |(line, _)| line.runs.to_string()),
            shown(figure.map(|figure| figure.mean)),
            shown(figure.map(|figure| figure.median)),
            shown(figure.and_then(|figure| figure.low)),
            shown(figure.and_then(|figure| figure.high)),
            point.change(),
            point.machine(),
            point.wrong.join("; "),
        ]
    };
    let rows: Vec<Vec<String>> = series.points.iter().rev().take(MAX_ROWS).map(row).collect();
    let of = if unit.name.is_empty() { String::new() } else { format!(" ({})", unit.name) };
    let caption = format!("{}, {}{of}", series.target, series.metric);
    let columns =
        heads(["session", "#runs", "#mean", "#median", "#low", "#high", "#change", "machine", "wrong"]);
    let older = series.points.len().saturating_sub(MAX_ROWS);
    let note = if older > 0 {
        format!("<p class=\"note\">{older} older sessions are not in this table.</p>")
    } else {
        String::new()
    };
    table(&caption, &columns, &rows) + &note
}
