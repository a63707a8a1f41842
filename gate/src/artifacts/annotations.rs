//! Annotations of GitHub's workflows (<https://docs.github.com/actions/reference/workflow-commands-for-github-actions>).

use crate::judgement::{Judgement, Verdict};
use std::fmt::Write;

/// A line for each rule that does not hold.
pub(super) fn annotations(judgements: &[Judgement]) -> String {
    let mut lines = String::new();
    for Judgement { rule, why, verdict, found, .. } in judgements {
        let kind = match verdict {
            Verdict::Holds => continue,
            Verdict::Fails => "error",
            Verdict::CannotTell { .. } | Verdict::NoData => "warning",
        };
        let title = property(&format!("probe-gate: {rule} {verdict}"));
        let _ = writeln!(lines, "::{kind} title={title}::{}", data(&format!("{found}. {why}")));
    }
    lines
}

/// What stands in a message.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// What stands in a property, which ends at a comma or a colon.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::annotations;
    use crate::judgement::{Judgement, Verdict};

    #[test]
    fn only_what_does_not_hold_is_annotated_and_on_one_line() {
        let judgement = |verdict| Judgement {
            rule: "a, b".into(),
            why: "100 %\nsure".into(),
            verdict,
            found: "x: y".into(),
            compared: None,
            ratio: None,
        };
        let verdicts = [Verdict::Holds, Verdict::Fails, Verdict::CannotTell { more: 3 }, Verdict::NoData];
        let lines = annotations(&verdicts.map(judgement));
        let lines: Vec<&str> = lines.lines().collect();
        assert_eq!(lines.len(), 3);
        assert_eq!(lines[0], "::error title=probe-gate%3A a%2C b fails::x: y. 100 %25%0Asure");
        assert!(lines[1].starts_with("::warning title=probe-gate%3A a%2C b cannot tell yet%3A run 3 more::"));
    }
}
