//! `TargetConfig`: what is run.

use super::seconds::check_seconds;
use super::value::Value;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A target.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetConfig {
    /// Its name, which rules use: letters, digits, `-`, `_` and `.`.
    pub name: String,
    /// The program and its arguments. Its report goes to the file that `CONCURRENCY_PROBE_REPORT` names.
    pub command: Vec<String>,
    /// Where it is run, relative to the configuration.
    #[serde(default)]
    pub dir: PathBuf,
    /// The checkout of its commit, relative to the configuration, if two commits are compared.
    #[serde(skip)]
    pub checkout: Option<PathBuf>,
    /// Its environment, beside that of the gate.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// Whether it must leave a report; without one it is judged by its time alone.
    #[serde(default = "yes")]
    pub reports: bool,
    /// Run before each run, and not measured.
    #[serde(default)]
    pub prepare: Vec<String>,
    /// Run after each run, also one that failed, and not measured.
    #[serde(default)]
    pub conclude: Vec<String>,
    /// Run once, before the first of all runs.
    #[serde(default)]
    pub setup: Vec<String>,
    /// Run once, after the last of all runs, also after a failure.
    #[serde(default)]
    pub cleanup: Vec<String>,
    /// A run that takes longer than this many seconds is ended, and has failed. By default the limit of `[run]`.
    #[serde(default)]
    pub timeout_s: Option<f64>,
    /// The exit codes that count as success.
    #[serde(default = "success")]
    pub exit_codes: Vec<i32>,
    /// Its parameters, each with its values. There is one target for each combination; `{threads}` stands for the value of `threads`.
    #[serde(default)]
    pub matrix: BTreeMap<String, Vec<Value>>,
}

impl TargetConfig {
    /// Where it is run. `base` is where the configuration is.
    pub fn dir_in(&self, base: &Path) -> PathBuf {
        let checkout = self.checkout.as_ref().map_or_else(|| base.to_owned(), |checkout| base.join(checkout));
        checkout.join(&self.dir)
    }

    /// Every word of its commands, and every value of its environment.
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        let commands = [&self.command, &self.prepare, &self.conclude, &self.setup, &self.cleanup];
        commands.into_iter().flatten().chain(self.env.values()).map(String::as_str)
    }

    /// Whether it can be run.
    pub(super) fn check(&self) -> Result<(), String> {
        let is_of_a_name = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        let TargetConfig { name, command, timeout_s, exit_codes, .. } = self;
        if name.is_empty() || name.starts_with('.') || !name.chars().all(is_of_a_name) {
            return Err(format!(
                "invalid target name `{}`: expected letters, digits, `-`, `_` and `.`",
                name.escape_debug()
            ));
        }
        if command.is_empty() {
            return Err(format!("target `{name}` has no command: expected `command = [\"PROGRAM\", ..]`"));
        }
        if exit_codes.is_empty() {
            return Err(format!(
                "target `{name}` accepts no exit code: expected some, as `exit_codes = [0]`"
            ));
        }
        if let Some(code) = exit_codes.iter().find(|code| cfg!(unix) && !(0..=255).contains(*code)) {
            return Err(format!("target `{name}` accepts the exit code {code}, expected 0 to 255"));
        }
        check_seconds("timeout_s", timeout_s.unwrap_or(1.0)).map_err(|why| format!("target `{name}`: {why}"))
    }
}

fn success() -> Vec<i32> {
    vec![0]
}

fn yes() -> bool {
    true
}
