//! `Failure`: what failed and ended a session.

use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What failed and ended a session: a run, or what goes before and after the runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Of which target; empty if it is of none, as a setup of the session, a checkout or a build.
    pub target: String,
    /// In which round; 0 if it is of none, as a warm-up or a setup.
    pub round: u32,
    /// What happened, as a sentence without its end: `target a, round 1: the run failed (exit status: 7)`.
    pub what: String,
    /// The end of what it printed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub output: String,
    /// Where all of it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log: Option<PathBuf>,
    /// Who was inside what, and for how long, if it took too long and is a program of concurrency-probe. One sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub live: Vec<String>,
}
