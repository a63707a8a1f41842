//! Verdicts, and the run that failed, as text for a terminal or the log of a workflow.

use crate::failure::Failure;
use crate::judgement::{Judgement, Verdict};
use crate::results::Results;
use crate::sentence::sentence;
use std::fmt::Write;

/// The verdict of each rule, what was found, and why the rule is there if it does not hold. No text from the input is obeyed by a
/// terminal, or by the runner of a workflow.
pub fn verdicts(judgements: &[Judgement]) -> String {
    let mut text = String::new();
    for Judgement { rule, why, verdict, found, .. } in judgements {
        let _ = writeln!(text, "{}: {verdict}\n    {}", sentence(rule), sentence(found));
        if *verdict != Verdict::Holds {
            let _ = writeln!(text, "    {}", sentence(why));
        }
    }
    text
}

/// Warnings that belong to the verdicts, one on each line.
pub fn warnings(results: &Results) -> String {
    let mut text = String::new();
    for warning in crate::warnings::warnings(results) {
        let _ = writeln!(text, "warning: {}", sentence(&warning));
    }
    text
}

/// The run that failed and ended the session: what it was doing, the end of its output, and the file with all of it.
pub fn failure(failure: &Failure) -> String {
    let Failure { what, output, log, live, .. } = failure;
    let mut text = format!("error: {}\n", sentence(what));
    for said in live {
        let _ = writeln!(text, "    {}", sentence(said));
    }
    for line in output.lines() {
        let _ = writeln!(text, "    | {}", sentence(line));
    }
    if let Some(log) = log {
        let _ = writeln!(text, "all that it printed is in {}", sentence(&log.display().to_string()));
    }
    text
}
