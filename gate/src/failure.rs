//! `Failure`: the run that ended all runs.

use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The run that ended all runs: it failed, took too long, or left no valid report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Of which target.
    pub target: String,
    /// In which round; 0 are the warm-ups.
    pub round: u32,
    /// What happened, as a sentence without its end: `the run of target a, round 1, failed (exit status: 7)`.
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
