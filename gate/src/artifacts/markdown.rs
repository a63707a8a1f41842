//! A summary, short enough for a comment.

use super::exports::Item;
use crate::failure::Failure;
use crate::judgement::{Judgement, Verdict};
use crate::results::Results;
use crate::sentence::sentence;
use std::fmt::Write;

/// The verdicts, those that do not hold first, and the targets.
pub(super) fn summary(results: &Results, items: &[Item<'_>], judgements: &[Judgement]) -> String {
    let holding = judgements.iter().filter(|judgement| judgement.verdict == Verdict::Holds).count();
    let mut text = format!("### probe-gate: {holding} of {} rules hold\n\n", judgements.len());
    if let Some(failure) = &results.failure {
        text += &failed(failure);
    }
    text += "| rule | verdict | found |\n|---|---|---|\n";
    let mut sorted: Vec<&Judgement> = judgements.iter().collect();
    sorted.sort_by_key(|judgement| judgement.verdict == Verdict::Holds);
    for Judgement { rule, why, verdict, found, .. } in sorted {
        let (mark, why) = match verdict {
            Verdict::Holds => ("✅", String::new()),
            Verdict::Fails => ("❌", format!("<br>{}", cell(why))),
            _ => ("❔", format!("<br>{}", cell(why))),
        };
        let _ = writeln!(text, "| {} | {mark} {verdict} | {}{why} |", cell(rule), cell(found));
    }
    text += "\n| target | runs | median ms | fastest | slowest |\n|---|---:|---:|---:|---:|\n";
    for item in items {
        let times = &item.times;
        let shown =
            [times.median(), times.fastest(), times.slowest()].map(|seconds| format!("{:.1}", seconds * 1e3));
        let _ = writeln!(text, "| {} | {} | {} |", cell(&item.name()), times.all.len(), shown.join(" | "));
    }
    text
}

/// The run that ended all runs, with the end of what it printed.
fn failed(failure: &Failure) -> String {
    let Failure { what, output, live, .. } = failure;
    let lines = live.iter().map(String::as_str).chain(output.lines());
    // A line with four spaces before it is code, whatever is in it.
    let mut text = "\u{274c} **a run failed**, and the rules are about those before it alone:\n\n".to_owned();
    for line in std::iter::once(what.as_str()).chain(lines) {
        let _ = writeln!(text, "    {}", sentence(line));
    }
    text + "\n"
}

/// What stands in a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace(['\n', '\r'], " ").replace('<', "&lt;")
}
