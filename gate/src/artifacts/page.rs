//! One page for a browser: drawn here, as SVG, so that it needs no script and no network, and prints as it is.

use super::drawing::{Key, Row, bar, drawing, escape, millis, point, share, times};
use crate::judgement::{Judgement, Verdict};
use crate::results::{Results, Run};
use concurrency_probe::{PassKind, Report, Span, SpanKind, Timeline};
use std::collections::{BTreeMap, HashSet};
use std::fmt::Write;

const STYLE: &str = include_str!("page.css");
/// The most lanes of a timeline that are drawn; a page with more is slow, and shows no more.
const MAX_LANES: usize = 3000;
/// The most threads, each of which has a row.
const MAX_THREADS: usize = 64;
/// The share of the width that a lane is drawn with, however short it was, where there is room.
const SEEN: f64 = 0.0005;
/// Of so many targets each is compared with the first, where no rule says what is compared.
const MAX_COMPARED: usize = 8;

/// The page.
pub(super) fn page(results: &Results, judgements: &[Judgement]) -> String {
    let holding = judgements.iter().filter(|judgement| judgement.verdict == Verdict::Holds).count();
    let title = format!("probe-gate: {holding} of {} rules hold", judgements.len());
    let mut body = format!("<h1>{}</h1>\n", escape(&title));
    section(&mut body, "Rules", &rules(judgements));
    section(&mut body, "Runs", &runs(results));
    section(&mut body, "Pairs", &pairs(results, judgements));
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
    for Judgement { rule, why, verdict, found, .. } in judgements {
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
    if rows.is_empty() { rows } else { format!("<table class=\"rules\">{rows}</table>") }
}

/// Each run as a point, by its time.
fn runs(results: &Results) -> String {
    let Some(longest) = results.runs.iter().map(|run| run.wall_ns).max().filter(|ns| *ns > 0) else {
        return String::new();
    };
    let row = |target: &str| {
        let points = results.of_target(target).map(|run| {
            point(share(run.wall_ns, longest), &format!("round {}: {}", run.round, millis(run.wall_ns)))
        });
        (target.to_owned(), points.collect())
    };
    let rows: Vec<Row> = results.targets().into_iter().map(row).collect();
    drawing("Time of each run", &rows, &times(longest))
}

/// Each round as a point: how long one target took over another. Which ones are compared is said by the rules.
fn pairs(results: &Results, judgements: &[Judgement]) -> String {
    let mut compared: Vec<[&str; 2]> = Vec::new();
    for [target, over] in judgements.iter().filter_map(|judgement| judgement.compared.as_ref()) {
        if !compared.contains(&[target, over]) {
            compared.push([target, over]);
        }
    }
    let targets = results.targets();
    if let (true, Some((first, others))) =
        (compared.is_empty() && targets.len() <= MAX_COMPARED, targets.split_first())
    {
        compared = others.iter().map(|target| [*target, *first]).collect();
    }
    let ratios_of = |[target, over]: [&str; 2]| -> Vec<(u32, f64)> {
        let pairs = results.of_target(target).filter_map(|run| {
            let other = results.of_target(over).find(|other| other.round == run.round)?;
            Some((run.round, share(run.wall_ns.max(1), other.wall_ns.max(1))))
        });
        pairs.collect()
    };
    let rows: Vec<_> = compared.into_iter().map(|pair| (pair, ratios_of(pair))).collect();
    let Some(farthest) =
        rows.iter().flat_map(|(_, ratios)| ratios).map(|(_, ratio)| ratio.ln().abs()).max_by(f64::total_cmp)
    else {
        return String::new();
    };
    // Half as long is as far to the left as twice as long is to the right. As wide as the farthest needs, in steps that a
    // person knows.
    let width =
        [1.05_f64, 1.1, 1.2, 1.5, 2.0, 4.0, 16.0].map(f64::ln).into_iter().find(|width| farthest <= *width);
    let width = width.unwrap_or(farthest);
    let place = |ratio: f64| f64::midpoint(ratio.ln() / width, 1.0);
    let rows: Vec<Row> = rows
        .into_iter()
        .map(|([target, over], ratios)| {
            let even = String::from("<line class=\"even\" x1=\"50%\" y1=\"0\" x2=\"50%\" y2=\"28\"/>");
            let points = ratios
                .iter()
                .map(|(round, ratio)| point(place(*ratio), &format!("round {round}: {ratio:.3}")));
            (format!("{target} / {over}"), points.fold(even, |marks, point| marks + &point))
        })
        .collect();
    let scale = [-1.0, -0.5, 0.0, 0.5, 1.0].map(|at| format!("{:.2}", (width * at).exp()));
    drawing("Ratios of the pairs", &rows, &scale)
        + "<p class=\"note\">Times as long; left of 1.00 is faster.</p>"
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
        drawn + "<p class=\"note\">A phase may contain others, and then counts beside them.</p>"
    }
}

/// How long no, one, two, .. threads were in lanes of a pass.
fn levels(results: &Results) -> String {
    let mut rows = Vec::new();
    for target in results.targets() {
        for pass in median(results, target).into_iter().flat_map(|report| &report.passes) {
            let levels =
                pass.levels_ns.iter().enumerate().map(|(level, ns)| (format!("{level} at once"), *ns));
            let offloads = if pass.kind == PassKind::Offload { ", offloads" } else { "" };
            rows.push((format!("{target} {}{offloads}", pass.label), levels.collect()));
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
    let mut key = Key::default();
    let mut drawn: Vec<Row> = Vec::new();
    for (name, parts) in rows {
        let mut from = 0_u64;
        let mut bars = String::new();
        for (part, ns) in parts {
            let to = from.saturating_add(ns);
            let edges = [share(from, longest), share(to, longest)];
            bars += &bar(edges, key.color(&part), Some(&format!("{part}: {}", millis(ns))));
            from = to;
        }
        drawn.push((name, bars));
    }
    drawing(title, &drawn, &times(longest)) + &key.html()
}

/// Each lane on its thread, where reports have them: one drawing for each target, on one time axis.
fn lanes(results: &Results) -> String {
    let has_lanes = |timeline: &&Timeline| timeline.spans.iter().any(is_lane);
    let mut drawn = String::new();
    for target in results.targets() {
        // Not every run need have a timeline; of those that do, the last is drawn.
        let reports = results.of_target(target).filter_map(|run| run.report.as_ref());
        if let Some(timeline) = reports.filter_map(|report| report.timeline.as_ref()).filter(has_lanes).last()
        {
            drawn += &lanes_of(target, timeline);
        }
    }
    if drawn.is_empty() {
        return "<p class=\"none\">No lanes were reported: open the scope with <code>.timeline()</code>, or set \
                <code>CONCURRENCY_PROBE_TIMELINE=1</code>.</p>"
            .into();
    }
    drawn
}

fn is_lane(span: &Span) -> bool {
    span.kind == SpanKind::Lane
}

fn lanes_of(target: &str, timeline: &Timeline) -> String {
    let mut lanes: Vec<&Span> = timeline.spans.iter().filter(|span| is_lane(span)).collect();
    // In the order in which they began: a lane that a waiting thread ran meanwhile is drawn on top of the one that waited.
    lanes.sort_by_key(|lane| (lane.start_ns, lane.end_ns));
    // The axis ends where the first lane begins that is not drawn. So no time looks idle because its lanes are not drawn.
    let last = timeline.spans.iter().map(|span| span.end_ns).max().unwrap_or(0);
    let axis = lanes.get(MAX_LANES).map_or(last, |lane| lane.start_ns).max(1);
    let later = lanes.len().saturating_sub(MAX_LANES) as u64;
    lanes.truncate(MAX_LANES);
    let mut key = Key::default();
    let mut rows: BTreeMap<u64, String> = BTreeMap::new();
    let mut of_other_threads = 0;
    for (at, lane) in lanes.iter().enumerate() {
        if rows.len() >= MAX_THREADS && !rows.contains_key(&lane.thread) {
            of_other_threads += 1;
            continue;
        }
        *rows.entry(lane.thread).or_default() += &bar(edges(&lanes, at, axis), key.color(&lane.name), None);
    }
    let name = |thread| {
        let known = timeline.threads.iter().find(|known| known.id == thread);
        known.map_or_else(|| format!("thread {thread}"), |known| known.name.clone())
    };
    let rows: Vec<Row> = rows.into_iter().map(|(thread, row)| (name(thread), row)).collect();
    let title = format!("{target}, lanes");
    let mut notes = String::new();
    for (what, number, which) in [
        ("Not drawn", later, "that began later"),
        ("Not drawn", of_other_threads, "on other threads"),
        ("Not in the report", timeline.left_out, "that ended later"),
    ] {
        if number > 0 {
            let _ = write!(notes, "<p class=\"note\">{what}: {number} {which}.</p>");
        }
    }
    format!("<h3>{}</h3>{}{}{notes}", escape(&title), drawing(&title, &rows, &times(axis)), key.html())
}

/// From and to which share of the axis a lane is drawn. Lanes are in the order in which they began.
///
/// What is too short to be seen is drawn longer, up to where the next lane begins on any thread: lanes that followed one another
/// must not look parallel.
fn edges(lanes: &[&Span], at: usize, axis: u64) -> [f64; 2] {
    let start_ns = lanes[at].start_ns;
    let end_ns = lanes[at].end_ns.max(start_ns);
    let next = lanes.partition_point(|lane| lane.start_ns < end_ns).max(at + 1);
    let room = lanes.get(next).map_or(axis, |lane| lane.start_ns);
    let [start, end, room] = [start_ns, end_ns, room].map(|ns| share(ns.min(axis), axis));
    [start, end.max(room.min(start + SEEN))]
}

/// The report of the run with the median time.
fn median<'a>(results: &'a Results, target: &str) -> Option<&'a Report> {
    let mut runs: Vec<&Run> =
        results.runs.iter().filter(|run| run.target == target && run.report.is_some()).collect();
    runs.sort_by_key(|run| run.wall_ns);
    runs.get(runs.len().saturating_sub(1) / 2)?.report.as_ref()
}
