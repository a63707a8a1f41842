//! `Check`: something that must hold in a benchmark.

use super::run::Run;
use serde::Serialize;
use std::fmt;

/// Something that must hold, and whether it does.
#[derive(Clone, Debug, Serialize)]
pub struct Check {
    /// What must hold.
    pub name: String,
    /// Whether it does.
    pub verdict: Verdict,
    /// What was found.
    pub found: String,
}

/// Whether something holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It does.
    Holds,
    /// It does not.
    Fails,
    /// The times vary too much to say, or what was run is too small. No reason to fail, and none to be content.
    CannotTell,
}

impl Check {
    /// Whether it does not fail.
    pub fn holds(&self) -> bool {
        self.verdict != Verdict::Fails
    }

    /// For where a failure has another cause.
    pub(super) fn or_cannot_tell(mut self) -> Self {
        if self.verdict == Verdict::Fails {
            self.verdict = Verdict::CannotTell;
        }
        self
    }

    pub(super) fn each(
        name: &str,
        runs: &[&Run],
        holds: impl Fn(&Run) -> bool,
        say: impl Fn(&Run) -> String,
    ) -> Self {
        let broken = runs.iter().find(|run| !holds(run));
        let (verdict, found) = match (broken, runs.first()) {
            (Some(run), _) => (Verdict::Fails, format!("{}, round {}: {}", run.cell, run.round, say(run))),
            (None, Some(run)) if runs.len() == 1 => (Verdict::Holds, say(run)),
            (None, Some(run)) => (Verdict::Holds, format!("in {} runs, such as {}", runs.len(), say(run))),
            // No data is never a pass.
            (None, None) => (Verdict::Fails, "there is no such run".into()),
        };
        Check { name: name.into(), verdict, found }
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = match self.verdict {
            Verdict::Holds => "holds ",
            Verdict::Fails => "FAILS ",
            Verdict::CannotTell => "unsure",
        };
        write!(f, "{verdict}  {}\n        {}", self.name, self.found)
    }
}
