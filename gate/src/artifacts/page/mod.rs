//! One page for a browser. What is wrong comes first, then one picture for each target on one time axis, then numbers.
//!
//! What is drawn is decided here, and the script hands it to a library, Apache `ECharts`, which is part of the page. So the page is one
//! file that needs no network. Its tables and sentences need no script.

mod charts;
mod document;
mod fills;
pub(super) mod history;
mod html;
pub(super) mod image;
mod names;
mod picture;
mod pictures;
mod rows;
mod self_time;
mod story;
mod subject;
mod svg;
mod tables;
mod unit;

use self::charts::Chart;
use self::document::{document, section};
use self::html::{escape, json};
use self::names::Names;
use self::picture::{MAX_PICTURES, Picture};
use self::pictures::Pictures;
use self::subject::{Named, Subject};
use self::unit::Unit;
use crate::judgement::Judgement;
use crate::made::Made;
use crate::results::Results;
use crate::warnings::warnings;
use serde::Serialize;
use std::fmt::Write;

const SCRIPT: &str = include_str!("page.js");

/// What the script draws.
#[derive(Serialize)]
struct Drawn<'a> {
    unit: Unit,
    /// Where the axis of all pictures ends.
    end: u64,
    /// The colour of a name by its number, and what is written on it.
    colors: [(&'static str, &'static str); 8],
    names: &'a Names,
    batches: &'a Names,
    pictures: &'a [Picture],
    charts: Vec<&'a Chart>,
}

/// The page.
pub(super) fn page(results: &Results, judgements: &[Judgement]) -> String {
    let targets = Named::all(results);
    let subjects = Subject::all(&targets, results, judgements);
    let mut pictures = Pictures::of(&subjects, results);
    let unit = pictures.unit;

    let title = escape(&story::title(results, judgements));
    let mut body = format!("<h1>{title}</h1>\n");
    section(&mut body, "What is wrong", &story::story(results, &subjects, judgements));

    let mut shown = String::new();
    if !pictures.drawn.is_empty() {
        shown += "<p class=\"note needs-script\">All pictures have one scale. Drag over a picture to zoom into it, in all of them at \
                  once; move the bar below to go on; <kbd>Ctrl</kbd> and the wheel zooms as well. \
                  <button type=\"button\" id=\"whole\">Show the whole time</button></p>\n<ul class=\"key\" id=\"key\"></ul>\n";
        shown += "<div class=\"pictures\">\n";
        shown += &pictures.drawn.iter().map(Picture::html).collect::<String>();
        shown += "</div>\n";
    }
    if let more @ 1.. = pictures.more {
        let _ = writeln!(
            shown,
            "<p class=\"note\">{more} more targets have no picture: a page has at most {MAX_PICTURES}.</p>"
        );
    }
    let peaks = charts::peaks(&subjects);
    shown += &without_timeline(&subjects);
    shown += &peaks.as_ref().map_or_else(String::new, Chart::html);
    section(&mut body, "What ran when", &shown);

    let runs = charts::runs(results, unit);
    let pairs = charts::pairs(results, judgements);
    let levels = charts::levels(&subjects);
    let phases = charts::phases(&subjects, &mut pictures.names, unit);
    let drawn = |chart: &Option<Chart>| chart.as_ref().map_or_else(String::new, Chart::html);
    section(
        &mut body,
        if pairs.is_some() { "Runs and pairs" } else { "Runs" },
        &(drawn(&runs) + &drawn(&pairs) + &tables::runs(results, unit)),
    );
    body += &made(results);
    section(&mut body, "Counts", &tables::counts(&subjects));
    section(&mut body, "Batches", &tables::batches(&subjects));
    let times = drawn(&levels)
        + &tables::passes(&subjects, unit)
        + &drawn(&phases)
        + &tables::phases(&subjects, unit);
    section(&mut body, "Where the time went", &times);
    section(&mut body, "Rules", &tables::rules(judgements));

    let charts = [&peaks, &runs, &pairs, &levels, &phases].into_iter().flatten().collect();
    let Pictures { drawn, names, batches, end, .. } = &pictures;
    let data = Drawn { unit, end: *end, colors: names::COLORS, names, batches, pictures: drawn, charts };
    document(&title, &body, &json(&data), SCRIPT)
}

/// How the results were made, and what was assumed.
fn made(results: &Results) -> String {
    let mut said = Vec::new();
    if let Some(Made { host, commit, date, .. }) = &results.made {
        let commit = commit.as_ref().map_or_else(String::new, |commit| format!(", commit {commit}"));
        said.push(format!("Measured on {host}, starting at {date}{commit}."));
    }
    if let Some(commits) = results.made.as_ref().and_then(|made| made.compared.as_ref()) {
        said.push(commits.to_string());
    }
    if !results.is_paired {
        said.push("Each target was run in its own block, so the runs of two targets are not pairs.".into());
    }
    said.extend(warnings(results));
    said.iter().fold(String::new(), |mut html, sentence| {
        let _ = writeln!(html, "<p class=\"note\">{}</p>", escape(sentence));
        html
    })
}

/// Which targets have no timeline, and how to get one.
fn without_timeline(subjects: &[Subject<'_>]) -> String {
    let reported =
        subjects.iter().filter_map(|subject| Some((subject.target, subject.report?.timeline.as_ref())));
    let (mut without, mut empty) = (Vec::new(), Vec::new());
    for (target, timeline) in reported {
        match timeline {
            None => without.push(target),
            Some(timeline) if timeline.spans.is_empty() => empty.push(target),
            Some(_) => {}
        }
    }
    let mut html = String::new();
    if let Some(targets) = first_of(&without) {
        let _ = writeln!(
            html,
            "<p class=\"note\">No timeline was reported for {targets}: run it with <code>CONCURRENCY_PROBE_TIMELINE=1</code>, or open \
             its scope with <code>Scope::builder(..).timeline()</code>, to see what ran when.</p>"
        );
    }
    if let Some(targets) = first_of(&empty) {
        let _ = writeln!(
            html,
            "<p class=\"note\">Nothing that takes time was recorded in the timeline of {targets}.</p>"
        );
    }
    html
}

/// The first of some targets, and how many more there are.
fn first_of(targets: &[&str]) -> Option<String> {
    let (first, others) = targets.split_first()?;
    let more = if others.is_empty() { String::new() } else { format!(" and {} more", others.len()) };
    Some(escape(first) + &more)
}
