//! A summary, short enough for a comment.

use super::exports::Item;
use crate::failure::Failure;
use crate::judgement::{Judgement, Verdict};
use crate::results::Results;
use crate::sentence::sentence;
use crate::warnings::warnings;
use std::fmt::Write;

/// The verdicts, those that do not hold first, and the targets.
pub(super) fn summary(results: &Results, items: &[Item<'_>], judgements: &[Judgement]) -> String {
    let holding = judgements.iter().filter(|judgement| judgement.verdict == Verdict::Holds).count();
    let mut text = format!("### probe-gate: {holding} of {} rules hold\n\n", judgements.len());
    if let Some(commits) = results.made.as_ref().and_then(|made| made.compared.as_ref()) {
        let _ = writeln!(text, "{}\n", code(&commits.to_string()));
    }
    if let Some(failure) = &results.failure {
        text += &failed(failure);
    }
    text += "| rule | verdict | found |\n|---|---|---|\n";
    let mut sorted: Vec<&Judgement> = judgements.iter().collect();
    sorted.sort_by_key(|judgement| judgement.verdict == Verdict::Holds);
    for Judgement { rule, why, verdict, found, .. } in sorted {
        let (mark, why) = match verdict {
            Verdict::Holds => ("\u{2705}", String::new()),
            Verdict::Fails => ("\u{274c}", format!("<br>{}", code(why))),
            _ => ("\u{2754}", format!("<br>{}", code(why))),
        };
        let _ = writeln!(text, "| {} | {mark} {verdict} | {}{why} |", code(rule), code(found));
    }
    text += "\n| target | runs | median ms | fastest | slowest |\n|---|---:|---:|---:|---:|\n";
    for item in items {
        let times = &item.times;
        let shown =
            [times.median(), times.fastest(), times.slowest()].map(|seconds| format!("{:.1}", seconds * 1e3));
        let _ = writeln!(text, "| {} | {} | {} |", code(&item.name()), times.all.len(), shown.join(" | "));
    }
    for warning in warnings(results) {
        let _ = writeln!(text, "\n\u{26a0} {}", code(&warning));
    }
    text
}

/// The run that failed and ended the session, with the end of its output.
fn failed(failure: &Failure) -> String {
    let Failure { what, output, live, .. } = failure;
    let lines = live.iter().map(String::as_str).chain(output.lines());
    // A line that begins with four spaces is code, whatever is in it.
    let mut text = "\u{274c} **a run failed**, and the rules are about those before it alone:\n\n".to_owned();
    for line in std::iter::once(what.as_str()).chain(lines) {
        let _ = writeln!(text, "    {}", sentence(line));
    }
    text + "\n"
}

/// Text from outside as code in a cell of a table, where it cannot become a link, a picture, a mention or HTML. A pipe would end the cell even in
/// code. Empty text stays empty.
fn code(text: &str) -> String {
    // A backslash before a pipe would escape the backslash that escapes the pipe.
    let text = sentence(text).replace("\\|", r"\u{5c}|").replace('|', "\\|");
    if text.trim().is_empty() {
        return String::new();
    }
    // Longer than any run of backticks in it.
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    // A space on both sides is taken off again, where a backtick would join the fence.
    format!("{fence} {text} {fence}")
}

#[cfg(test)]
mod tests {
    use super::code;

    #[test]
    fn whatever_is_in_a_text_it_is_one_piece_of_code_in_one_cell() {
        for (text, as_code) in [
            ("link", "` link `"),
            ("", ""),
            (" ", ""),
            ("a|b", r"` a\|b `"),
            (r"a\|b", r"` a\u{5c}\|b `"),
            ("`", "`` ` ``"),
            ("a``b`c", "``` a``b`c ```"),
            ("a\nb", r"` a\nb `"),
        ] {
            assert_eq!(code(text), as_code, "{text:?}");
        }
    }
}
