//! A summary, short enough for a comment.

use crate::judgement::{Judgement, Verdict};
use crate::results::{Results, Run};
use std::fmt::Write;

/// The verdicts, those that do not hold first, and the targets.
pub(super) fn summary(results: &Results, judgements: &[Judgement]) -> String {
    let holding = judgements.iter().filter(|judgement| judgement.verdict == Verdict::Holds).count();
    let mut text = format!("### probe-gate: {holding} of {} rules hold\n\n", judgements.len());
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
    for target in results.targets() {
        let mut times: Vec<u64> = results.of_target(target).map(|run: &Run| run.wall_ns).collect();
        times.sort_unstable();
        let (Some(first), Some(last)) = (times.first(), times.last()) else { continue };
        let [median, first, last] =
            [times[(times.len() - 1) / 2], *first, *last].map(|ns| ns.saturating_add(50_000) / 100_000);
        let shown = |tenths: u64| format!("{}.{}", tenths / 10, tenths % 10);
        let row = [times.len().to_string(), shown(median), shown(first), shown(last)].join(" | ");
        let _ = writeln!(text, "| {} | {row} |", cell(target));
    }
    text
}

/// What stands in a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace(['\n', '\r'], " ").replace('<', "&lt;")
}
