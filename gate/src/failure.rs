//! `Failure`: what failed and ended a session.

use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What failed and ended a session: a run, or what goes before and after the runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The target; empty for the setup of the session, a checkout or a build.
    pub target: String,
    /// The round; 0 for a warm-up or a setup.
    pub round: u32,
    /// What happened, as a sentence without a full stop: `target a, round 1: the run failed (exit status: 7)`.
    pub what: String,
    /// The end of what it printed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub output: String,
    /// The file with everything that it printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log: Option<PathBuf>,
    /// Which calls were in progress, and for how long, if the run took too long and the program uses concurrency-probe. One sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub live: Vec<String>,
}
