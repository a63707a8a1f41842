//! One page for a browser: drawn here, as SVG, so that it needs no script and no network, and prints as it is.

use crate::judgement::{Judgement, Verdict};
use crate::results::{Results, Run};
use concurrency_probe::{PassReport, Report};
use std::collections::{HashMap, HashSet};
use std::fmt::Write;

const STYLE: &str = include_str!("page.css");
/// The width that drawings are laid out in. They are scaled to that of the page.
const WIDTH: f64 = 720.0;
/// Where bars and points begin, right of their names.
const LEFT: f64 = 150.0;
/// The most lanes' spans that are drawn for a pass; a page with more is slow, and shows no more.
const MAX_SPANS: usize = 3000;

/// The page.
pub(super) fn page(results: &Results, judgements: &[Judgement]) -> String {
    let holding = judgements.iter().filter(|judgement| judgement.verdict == Verdict::Holds).count();
    let title = format!("probe-gate: {holding} of {} rules hold", judgements.len());
    let mut body = format!("<h1>{}</h1>\n", escape(&title));
    section(&mut body, "Rules", &rules(judgements));
    section(&mut body, "Runs", &runs(results));
    section(&mut body, "Pairs", &pairs(results));
    section(&mut body, "Counts", &counts(results));
    section(&mut body, "Phases", &phases(results));
    section(&mut body, "How many ran at once", &levels(results));
    section(&mut body, "Lanes", &lanes(results));
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <link rel=\"icon\" href=\"data:,\">\n<title>{}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n{body}</body>\n</html>\n",
        escape(&title)
    )
}

/// A part of the page; one about which nothing is known says so.
fn section(body: &mut String, title: &str, content: &str) {
    let content = if content.is_empty() { "<p class=\"none\">Nothing was reported.</p>" } else { content };
    let _ = writeln!(body, "<section>\n<h2>{title}</h2>\n{content}\n</section>");
}

fn rules(judgements: &[Judgement]) -> String {
    let mut rows = String::new();
    for Judgement { rule, why, verdict, found } in judgements {
        let class = match verdict {
            Verdict::Holds => "holds",
            Verdict::Fails => "fails",
            _ => "unsure",
        };
        let _ = writeln!(
            rows,
            "<tr class=\"{class}\"><th scope=\"row\">{}</th><td class=\"verdict\">{verdict}</td><td>{}<br><small>{}</small></td></tr>",
            escape(rule),
            escape(found),
            escape(why)
        );
    }
    if rows.is_empty() { rows } else { format!("<table>{rows}</table>") }
}

/// Each run as a point, by its time.
fn runs(results: &Results) -> String {
    let Some(longest) = results.runs.iter().map(|run| run.wall_ns).max().filter(|ns| *ns > 0) else {
        return String::new();
    };
    let mut rows = Vec::new();
    for target in results.targets() {
        let points = results.of_target(target).map(|run| {
            let x = LEFT + (WIDTH - LEFT - 20.0) * share(run.wall_ns, longest);
            let label = format!("round {}: {}", run.round, millis(run.wall_ns));
            format!(
                "<circle class=\"point\" cx=\"{x:.1}\" cy=\"14\" r=\"5\"><title>{}</title></circle>",
                escape(&label)
            )
        });
        rows.push((target.to_owned(), points.collect::<String>()));
    }
    format!("{}<p class=\"axis\">0 to {}</p>", drawing("Time of each run", &rows), millis(longest))
}

/// Each round as a point: how long a target took over the first one.
fn pairs(results: &Results) -> String {
    let targets = results.targets();
    let Some((first, others)) = targets.split_first() else { return String::new() };
    let mut rows = Vec::new();
    for target in others {
        let mut points = String::new();
        for run in results.of_target(target) {
            let Some(other) = results.of_target(first).find(|other| other.round == run.round) else {
                continue;
            };
            let ratio = share(run.wall_ns, other.wall_ns.max(1));
            // Half as long is as far to the left as twice as long is to the right.
            let x = LEFT + (WIDTH - LEFT) * (0.5 + (ratio.max(1e-3).log2() / 4.0).clamp(-0.49, 0.49));
            let label = format!("round {}: {ratio:.3}", run.round);
            let _ = write!(
                points,
                "<circle class=\"point\" cx=\"{x:.1}\" cy=\"14\" r=\"5\"><title>{label}</title></circle>"
            );
        }
        let middle = LEFT + (WIDTH - LEFT) / 2.0;
        let line = format!("<line class=\"even\" x1=\"{middle}\" y1=\"0\" x2=\"{middle}\" y2=\"28\"/>");
        rows.push((format!("{target} / {first}"), line + &points));
    }
    if rows.is_empty() {
        return String::new();
    }
    let axis = "a quarter as long at the left, as long in the middle, four times as long at the right";
    format!("{}<p class=\"axis\">{axis}</p>", drawing("Ratios of the pairs", &rows))
}

/// What each target counted, in its run with the median time.
fn counts(results: &Results) -> String {
    let (mut names, mut known) = (Vec::new(), HashSet::new());
    let targets: Vec<(&str, &Report)> =
        results.targets().into_iter().filter_map(|t| Some((t, median(results, t)?))).collect();
    for (_, report) in &targets {
        for name in report.counts.keys() {
            if known.insert(name) {
                names.push(name);
            }
        }
    }
    if names.is_empty() {
        return String::new();
    }
    let mut table = String::from("<table><tr><th></th>");
    for name in &names {
        let _ = write!(table, "<th scope=\"col\" class=\"number\">{}</th>", escape(name));
    }
    table += "</tr>";
    for (target, report) in targets {
        let _ = write!(table, "<tr><th scope=\"row\">{}</th>", escape(target));
        for name in &names {
            let count = report.counts.get(*name).map_or_else(|| "-".into(), u64::to_string);
            let _ = write!(table, "<td class=\"number\">{count}</td>");
        }
        table += "</tr>";
    }
    table + "</table>"
}

/// The phases of each target, one after another.
fn phases(results: &Results) -> String {
    let rows = results.targets().into_iter().filter_map(|target| {
        let parts: Vec<_> = median(results, target)?
            .phases
            .iter()
            .map(|phase| (phase.name.clone(), phase.total_ns))
            .collect();
        Some((target.to_owned(), parts))
    });
    let drawn = stacked("Time of each phase", rows.collect());
    if drawn.is_empty() {
        drawn
    } else {
        drawn + "<p class=\"axis\">A phase may contain others, and then counts beside them.</p>"
    }
}

/// How long no, one, two, .. threads were in lanes of a pass.
fn levels(results: &Results) -> String {
    let mut rows = Vec::new();
    for target in results.targets() {
        for pass in median(results, target).into_iter().flat_map(|report| &report.passes) {
            let levels =
                pass.levels_ns.iter().enumerate().map(|(level, ns)| (format!("{level} at once"), *ns));
            rows.push((format!("{target} {}", pass.label), levels.collect()));
        }
    }
    stacked("Time at each level of concurrency", rows)
}

/// Rows of parts that add up, on one scale.
fn stacked(title: &str, rows: Vec<(String, Vec<(String, u64)>)>) -> String {
    let sum = |parts: &[(String, u64)]| parts.iter().fold(0, |sum: u64, (_, ns)| sum.saturating_add(*ns));
    let Some(longest) = rows.iter().map(|(_, parts)| sum(parts)).max().filter(|ns| *ns > 0) else {
        return String::new();
    };
    let (mut names, mut known) = (Vec::new(), HashMap::new());
    let mut drawn = Vec::new();
    for (name, parts) in rows {
        let mut x = LEFT;
        let mut bars = String::new();
        for (part, ns) in parts {
            let at = *known.entry(part.clone()).or_insert_with(|| {
                names.push(part.clone());
                names.len() - 1
            });
            let width = (WIDTH - LEFT) * share(ns, longest);
            let label = escape(&format!("{part}: {}", millis(ns)));
            let _ = write!(
                bars,
                "<rect class=\"c{}\" x=\"{x:.1}\" y=\"4\" width=\"{width:.1}\" height=\"20\"><title>{label}</title></rect>",
                at % 8
            );
            x += width;
        }
        drawn.push((name, bars));
    }
    let key = names.iter().enumerate().fold(String::new(), |mut key, (at, name)| {
        let _ = write!(key, "<li><span class=\"c{}\"></span>{}</li>", at % 8, escape(name));
        key
    });
    format!(
        "{}<ul class=\"key\">{key}</ul><p class=\"axis\">0 to {}</p>",
        drawing(title, &drawn),
        millis(longest)
    )
}

/// Each item of a pass on its thread, where reports have them.
fn lanes(results: &Results) -> String {
    let mut drawn = String::new();
    for target in results.targets() {
        let passes = median(results, target).into_iter().flat_map(|report| &report.passes);
        for pass in
            passes.filter(|pass| pass.timeline.as_ref().is_some_and(|timeline| !timeline.spans.is_empty()))
        {
            drawn += &lanes_of(target, pass);
        }
    }
    if drawn.is_empty() {
        return "<p class=\"none\">No report has a timeline: open the scope with <code>.timeline()</code>.</p>".into();
    }
    drawn
}

fn lanes_of(target: &str, pass: &PassReport) -> String {
    let spans = pass.timeline.iter().flat_map(|timeline| &timeline.spans);
    let end = spans.clone().map(|span| span.end_ns).max().unwrap_or(1).max(1);
    let threads = spans.clone().map(|span| span.thread).max().unwrap_or(0).saturating_add(1);
    let left_out = spans.clone().count().saturating_sub(MAX_SPANS);
    let mut rows = vec![String::new(); usize::try_from(threads.min(64)).unwrap_or(0)];
    for span in spans.take(MAX_SPANS) {
        let Some(row) = usize::try_from(span.thread).ok().and_then(|thread| rows.get_mut(thread)) else {
            continue;
        };
        let (x, width) =
            (share(span.start_ns, end), share(span.end_ns - span.start_ns.min(span.end_ns), end));
        let _ = write!(
            row,
            "<rect class=\"c0\" x=\"{:.1}\" y=\"4\" width=\"{:.1}\" height=\"20\"/>",
            LEFT + (WIDTH - LEFT) * x,
            ((WIDTH - LEFT) * width).max(0.5)
        );
    }
    let rows: Vec<_> = rows.into_iter().enumerate().map(|(at, row)| (format!("thread {at}"), row)).collect();
    let title = format!("{target}, pass {}", pass.label);
    let note = if left_out > 0 { format!(", {left_out} items more are not drawn") } else { String::new() };
    format!(
        "<h3>{}</h3>{}<p class=\"axis\">0 to {}{note}</p>",
        escape(&title),
        drawing(&title, &rows),
        millis(end)
    )
}

/// Named rows, one below the other.
fn drawing(title: &str, rows: &[(String, String)]) -> String {
    let height = 28 * rows.len();
    let mut svg =
        format!("<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{}\">", escape(title));
    for (at, (name, row)) in rows.iter().enumerate() {
        let _ = write!(
            svg,
            "<g transform=\"translate(0 {})\"><text x=\"0\" y=\"19\">{}</text>{row}</g>",
            28 * at,
            escape(name)
        );
    }
    svg + "</svg>"
}

/// The report of the run with the median time.
fn median<'a>(results: &'a Results, target: &str) -> Option<&'a Report> {
    let mut runs: Vec<&Run> =
        results.runs.iter().filter(|run| run.target == target && run.report.is_some()).collect();
    runs.sort_by_key(|run| run.wall_ns);
    runs.get(runs.len().saturating_sub(1) / 2)?.report.as_ref()
}

#[expect(clippy::cast_precision_loss, reason = "it is drawn")]
fn share(part: u64, whole: u64) -> f64 {
    part as f64 / whole as f64
}

fn millis(ns: u64) -> String {
    let tenths = ns.saturating_add(50_000) / 100_000;
    format!("{}.{} ms", tenths / 10, tenths % 10)
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}
