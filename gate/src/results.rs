//! `Results`: what the runs of a benchmark measured.

use crate::bounded::RESULTS;
use crate::failure::Failure;
use crate::json::{self, Head, Wrong};
use crate::made::Made;
use crate::pattern::is_about;
use concurrency_probe::Report;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What the runs of a benchmark measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Results {
    /// The format: [`Results::SCHEMA`].
    pub schema: String,
    /// How they were made, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made: Option<Made>,
    /// Every measured run, in the order in which they were made.
    pub runs: Vec<Run>,
    /// Whether runs of one round are a pair, because they were made one after another. `false` if each target was run in a block.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub is_paired: bool,
    /// The run that failed and ended the session, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
}

fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_true(value: &bool) -> bool {
    *value
}

/// What one run measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Its target.
    pub target: String,
    /// Its round, from 1. Runs of one round are a pair.
    pub round: u32,
    /// From the start of the process to its end, in nanoseconds.
    pub wall_ns: u64,
    /// The processor time in its own code, in nanoseconds, if it was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_ns: Option<u64>,
    /// The processor time in the system, in nanoseconds, if it was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system_ns: Option<u64>,
    /// The peak of its resident memory in bytes, if it was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_bytes: Option<u64>,
    /// The exit code of the process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// How often the system took the processor from it (involuntary context switches).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub involuntary_switches: Option<u64>,
    /// What it reported: the first line of its report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<Report>,
    /// The other lines of its report, if it left several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub more_reports: Vec<Report>,
}

impl Run {
    /// A run of which only the time is known.
    pub fn of(target: impl Into<String>, round: u32, wall_ns: u64) -> Self {
        Run {
            target: target.into(),
            round,
            wall_ns,
            user_ns: None,
            system_ns: None,
            peak_bytes: None,
            exit_code: None,
            involuntary_switches: None,
            report: None,
            more_reports: Vec::new(),
        }
    }

    /// The same run with what it reported.
    #[must_use]
    pub fn with_reports(mut self, reports: impl IntoIterator<Item = Report>) -> Self {
        let mut reports = reports.into_iter();
        self.report = reports.next();
        self.more_reports = reports.collect();
        self
    }

    /// All lines that it reported.
    pub fn reports(&self) -> impl Iterator<Item = &Report> {
        self.report.iter().chain(&self.more_reports)
    }
}

/// Why results cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ResultsError {
    /// They cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is not JSON, or not of the expected form.
    #[error("{}:{line}:{column}: {why}", path.display())]
    Form {
        /// The file.
        path: PathBuf,
        /// Where, from 1.
        line: usize,
        /// Where, from 1.
        column: usize,
        /// What is wrong there.
        why: String,
    },
    /// Something in them is wrong.
    #[error("{}: {why}", path.display())]
    Wrong {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
}

/// The part of hyperfine's export that is used.
#[derive(Deserialize)]
struct Hyperfine {
    results: Vec<HyperfineResult>,
}

#[derive(Deserialize)]
struct HyperfineResult {
    command: String,
    times: Vec<f64>,
    #[serde(default)]
    memory_usage_byte: Vec<u64>,
    /// `None` for a run that was killed.
    #[serde(default)]
    exit_codes: Vec<Option<i32>>,
}

impl Results {
    /// The name of the format, and its version.
    pub const SCHEMA: &'static str = "probe-gate/1";

    /// Results of these runs. Runs of one round are a pair.
    pub fn of_runs(runs: Vec<Run>) -> Self {
        Results { schema: Self::SCHEMA.into(), made: None, runs, is_paired: true, failure: None }
    }

    /// Reads results of this program, or hyperfine's export. The commands of hyperfine are the targets. Its runs were made block by block, so
    /// they are not pairs.
    ///
    /// # Errors
    ///
    /// If they cannot be read, have more than 512 MiB, are neither of the two, or have impossible numbers.
    pub fn read(path: &Path) -> Result<Self, ResultsError> {
        let bytes = RESULTS.read(path).map_err(|source| ResultsError::Read { path: path.into(), source })?;
        Results::parse(&bytes, path)
    }

    /// Reads results that are in memory. The path is for messages.
    ///
    /// # Errors
    ///
    /// As [`Results::read`].
    pub fn parse(bytes: &[u8], path: &Path) -> Result<Self, ResultsError> {
        let form = |Wrong { line, column, why }| ResultsError::Form { path: path.into(), line, column, why };
        let wrong = |why: String| ResultsError::Wrong { path: path.into(), why };
        let other = |schema: &str| {
            wrong(format!("its schema is `{}`, expected `{}`", schema.escape_debug(), Self::SCHEMA))
        };
        let results = match json::parse::<Results>(bytes) {
            Ok(results) if results.schema == Self::SCHEMA => results,
            Ok(results) => return Err(other(&results.schema)),
            Err(error) => {
                let head = Head::of(bytes).map_err(form)?;
                match head.schema() {
                    Some(schema) if schema == Self::SCHEMA => return Err(form(error)),
                    Some(schema) => return Err(other(schema)),
                    None if head.has_results() => {
                        let export = json::parse(bytes).map_err(form)?;
                        of_hyperfine(&export).map_err(wrong)?
                    }
                    None if error.why.starts_with("duplicate") => return Err(form(error)),
                    None => {
                        return Err(wrong(format!(
                            "expected results of probe-gate (`{}`), or hyperfine's export",
                            Self::SCHEMA
                        )));
                    }
                }
            }
        };
        results.check().map_err(wrong)?;
        Ok(results)
    }

    fn check(&self) -> Result<(), String> {
        let mut seen = BTreeSet::new();
        for run in &self.runs {
            let Run { target, round, report, more_reports, .. } = run;
            let target = target.escape_debug();
            if *round == 0 {
                return Err(format!("a run of `{target}` is of round 0, expected 1 or more"));
            }
            if report.is_none() && !more_reports.is_empty() {
                return Err(format!("`{target}` in round {round} has `more_reports` and no `report`"));
            }
            if let Some(report) = run.reports().find(|report| report.schema != Report::SCHEMA) {
                let (found, expected) = (report.schema.escape_debug(), Report::SCHEMA);
                return Err(format!(
                    "the report of `{target}` in round {round} is of schema `{found}`, expected `{expected}`"
                ));
            }
            if !seen.insert((&run.target, run.round)) {
                return Err(format!("there are two runs of `{target}` in round {round}"));
            }
        }
        Ok(())
    }

    /// Those of the rounds up to this one.
    #[must_use]
    pub fn up_to_round(&self, round: u32) -> Self {
        let runs = self.runs.iter().filter(|run| run.round <= round).cloned().collect();
        Results { runs, ..self.clone() }
    }

    /// The targets, in the order of their first runs.
    pub fn targets(&self) -> Vec<&str> {
        let mut targets: Vec<&str> = Vec::new();
        for run in &self.runs {
            if !targets.contains(&run.target.as_str()) {
                targets.push(&run.target);
            }
        }
        targets
    }

    /// The runs of one target, whatever characters are in its name.
    pub fn of_target<'a>(&'a self, target: &'a str) -> impl Iterator<Item = &'a Run> {
        self.runs.iter().filter(move |run| run.target == target)
    }

    /// The runs of a target, of all targets that match a pattern such as `*.inline`, or all runs.
    pub fn of<'a>(&'a self, target: Option<&'a str>) -> impl Iterator<Item = &'a Run> {
        self.runs.iter().filter(move |run| target.is_none_or(|target| is_about(target, &run.target)))
    }
}

fn of_hyperfine(export: &Hyperfine) -> Result<Results, String> {
    // hyperfine runs one command after another, each in a block, so its runs are not pairs.
    let mut results = Results { is_paired: false, ..Results::of_runs(Vec::new()) };
    for result in &export.results {
        if let Some(at) = result.exit_codes.iter().position(|code| *code != Some(0)) {
            return Err(format!(
                "run {} of `{}` failed, so its time says nothing: run hyperfine without --ignore-failure",
                at + 1,
                result.command.escape_debug()
            ));
        }
        for (at, seconds) in result.times.iter().enumerate() {
            if !(seconds.is_finite() && (0.0..1e9).contains(seconds)) {
                return Err(format!(
                    "a time of `{}` is {seconds}, expected seconds, 0 to a billion",
                    result.command.escape_debug()
                ));
            }
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it was checked")]
            let wall_ns = (seconds * 1e9).round() as u64;
            let round = u32::try_from(at + 1).map_err(|_| "it has too many times".to_owned())?;
            let peak_bytes = result.memory_usage_byte.get(at).copied();
            results.runs.push(Run { peak_bytes, ..Run::of(&result.command, round, wall_ns) });
        }
    }
    Ok(results)
}
