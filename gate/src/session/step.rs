//! `Step`: one of the commands of a target or of the session.

use std::fmt;

/// One of the commands of a target or of the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Once, before the first of all runs.
    Setup,
    /// Before each run.
    Prepare,
    /// The measured run.
    Run,
    /// After each run.
    Conclude,
    /// Once, after the last of all runs.
    Cleanup,
}

impl Step {
    /// Whether a signal that came before it began ends it. The steps that tidy up run anyway.
    pub(super) fn heeds_earlier_signals(self) -> bool {
        !matches!(self, Step::Conclude | Step::Cleanup)
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Step::Setup => "the setup",
            Step::Prepare => "the preparation",
            Step::Run => "the run",
            Step::Conclude => "the conclusion",
            Step::Cleanup => "the cleanup",
        })
    }
}
