//! Annotations of GitHub's workflows (<https://docs.github.com/actions/reference/workflow-commands-for-github-actions>).

use crate::failure::Failure;
use crate::judgement::{Judgement, Place, Verdict};
use crate::sentence::sentence;
use std::fmt::Write;

/// GitHub shows ten annotations of a step; of a rule with more places than this the first are enough.
const MOST_PLACES: usize = 10;

/// A line for the run that failed, and one for each rule that does not hold, or for each place that it names.
pub(super) fn annotations(failure: Option<&Failure>, judgements: &[Judgement]) -> String {
    let mut lines = String::new();
    if let Some(Failure { what, output, live, .. }) = failure {
        let parts = [what.as_str()].into_iter().chain(live.iter().map(String::as_str)).chain(output.lines());
        let says: Vec<String> = parts.map(data).collect();
        let _ = writeln!(lines, "::error title=probe-gate%3A a run failed::{}", says.join("%0A"));
    }
    for Judgement { rule, why, verdict, found, places, .. } in judgements {
        let kind = match verdict {
            Verdict::Holds => continue,
            Verdict::Fails => "error",
            Verdict::CannotTell { .. } | Verdict::NoData => "warning",
        };
        let title = property(&format!("probe-gate: {rule} {verdict}"));
        for Place { file, line, says } in places.iter().take(MOST_PLACES) {
            let file = property(file);
            let says = data(&format!("{says}. {why}"));
            let _ = writeln!(lines, "::{kind} file={file},line={line},title={title}::{says}");
        }
        if places.is_empty() {
            let _ = writeln!(lines, "::{kind} title={title}::{}", data(&format!("{found}. {why}")));
        }
    }
    lines
}

/// Text for a message: one line that the runner does not obey. A per cent sign would begin an escape.
fn data(text: &str) -> String {
    sentence(text).replace('%', "%25")
}

/// Text for a property, which a comma or a colon would end.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::annotations;
    use crate::failure::Failure;
    use crate::judgement::{Judgement, Place, Verdict};

    #[test]
    fn only_what_does_not_hold_is_annotated_and_on_one_line() {
        let judgement = |verdict| Judgement {
            rule: "a, b".into(),
            why: "100 %\nsure".into(),
            verdict,
            found: "x: y".into(),
            in_base: None,
            compared: None,
            ratio: None,
            places: Vec::new(),
        };
        let verdicts = [Verdict::Holds, Verdict::Fails, Verdict::CannotTell { more: 3 }, Verdict::NoData];
        let lines = annotations(None, &verdicts.map(judgement));
        let lines: Vec<&str> = lines.lines().collect();
        assert_eq!(lines.len(), 3);
        assert_eq!(lines[0], "::error title=probe-gate%3A a%2C b fails::x: y. 100 %25\\nsure");
        assert!(lines[1].starts_with("::warning title=probe-gate%3A a%2C b cannot tell yet%3A start again with 3 runs more%2C or with --until-decided::"));

        let place = |line| Place { file: "src/a,b:c.rs".into(), line, says: "one\n::error::two".into() };
        let mut placed = judgement(Verdict::Fails);
        placed.places = vec![place(3), place(9)];
        let failure = Failure {
            target: "t".into(),
            round: 1,
            what: "the run failed".into(),
            output: "a\nb".into(),
            log: None,
            live: vec!["`link` has 2 calls inside".into()],
        };
        assert_eq!(
            annotations(Some(&failure), &[placed]),
            "::error title=probe-gate%3A a run failed::the run failed%0A`link` has 2 calls inside%0Aa%0Ab\n\
             ::error file=src/a%2Cb%3Ac.rs,line=3,title=probe-gate%3A a%2C b fails::one\\n::error::two. 100 %25\\nsure\n\
             ::error file=src/a%2Cb%3Ac.rs,line=9,title=probe-gate%3A a%2C b fails::one\\n::error::two. 100 %25\\nsure\n"
        );
    }
}
