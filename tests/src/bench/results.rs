//! `Results`: all runs of a benchmark, and what they come to.

use super::BenchError;
use super::cell::Cell;
use super::check::Check;
use super::options::BenchOptions;
use super::run::Run;
use crate::install::SlowDisk;
use concurrency_probe_gate::{Design, FEWEST, Interval, Statistic};
use serde::{Serialize, Serializer};
use std::path::Path;
use std::time::Duration;

/// All runs of a benchmark, and what they come to. It prints as tables.
#[derive(Debug, Serialize)]
pub struct Results {
    /// The format.
    pub schema: &'static str,
    /// How many packages.
    pub packages: u16,
    /// How many rounds.
    pub rounds: u16,
    /// The threads of the install's pool.
    pub threads: u16,
    /// What the disk takes for each package.
    #[serde(rename = "link_latency_ns", serialize_with = "nanos")]
    pub disk: SlowDisk,
    /// How many times as fast all of this was as it would be.
    pub faster: u16,
    /// Every run, without the warm-ups.
    pub runs: Vec<Run>,
    /// What must hold.
    pub checks: Vec<Check>,
    /// What was to be run, and how often.
    #[serde(skip)]
    pub(super) cells: Vec<(Cell, u16)>,
    /// How long it all took.
    #[serde(skip)]
    pub(super) took: Duration,
}

impl Results {
    pub(super) fn new(options: &BenchOptions, runs: Vec<Run>, took: Duration) -> Self {
        Results {
            schema: "concurrency-probe-testbed/1",
            packages: options.packages,
            rounds: options.runs,
            threads: options.threads,
            disk: options.disk(),
            faster: options.faster,
            runs,
            checks: Vec::new(),
            cells: options.cells().into_iter().map(|cell| (cell, options.rounds_of(cell))).collect(),
            took,
        }
    }

    /// What must hold and does not.
    pub fn broken(&self) -> impl Iterator<Item = &str> {
        self.checks.iter().filter(|check| !check.holds()).map(|check| check.name.as_str())
    }

    /// The runs of a cell, by round.
    pub fn of(&self, cell: Cell) -> impl Iterator<Item = &Run> {
        self.runs.iter().filter(move |run| run.cell == cell)
    }

    /// How many times as long one cell takes as another, from the runs of the same rounds: the geometric mean, and the interval by which the gates
    /// decide, if there are enough pairs for one.
    pub fn ratio(&self, a: Cell, b: Cell) -> Option<(f64, Option<(f64, f64)>)> {
        #[expect(clippy::cast_precision_loss, reason = "2^53 ns are 104 days")]
        let logs: Vec<f64> = self
            .of(a)
            .filter_map(|a| {
                let b = self.of(b).find(|b| b.round == a.round)?;
                Some((a.wall_ns as f64 / b.wall_ns as f64).ln())
            })
            .collect();
        let [sum, pairs] = [logs.iter().sum::<f64>(), logs.iter().map(|_| 1.0).sum()];
        let interval =
            (logs.len() >= FEWEST).then(|| Interval::of(&logs, Statistic::Mean, Design::Fixed)).flatten();
        let interval = interval.map(|interval| (interval.low.exp(), interval.high.exp()));
        (pairs > 0.0).then(|| ((sum / pairs).exp(), interval))
    }

    /// Writes everything as JSON.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn write_json(&self, path: &Path) -> Result<(), BenchError> {
        let text = serde_json::to_string_pretty(self).expect("strings and numbers are always JSON");
        std::fs::write(path, text + "\n").map_err(|source| BenchError::Write { path: path.into(), source })
    }
}

fn nanos<S: Serializer>(disk: &SlowDisk, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(disk.latency.as_nanos()).unwrap_or(u64::MAX))
}
