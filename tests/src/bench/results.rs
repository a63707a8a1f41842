//! `Results`: all runs of a benchmark, and what they come to.

use super::BenchError;
use super::cell::Cell;
use super::check::Check;
use super::options::BenchOptions;
use super::ratio::Ratio;
use super::run::Run;
use crate::install::Linking;
use serde::Serialize;
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
    pub link_latency_ns: u64,
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
            link_latency_ns: u64::try_from(options.shortened(options.link_latency_ms).as_nanos())
                .unwrap_or(u64::MAX),
            faster: options.faster,
            runs,
            checks: Vec::new(),
            cells: options.cells().into_iter().map(|cell| (cell, options.rounds_of(cell))).collect(),
            took,
        }
    }

    /// Whether nothing that must hold is broken.
    pub fn hold(&self) -> bool {
        self.checks.iter().all(Check::holds)
    }

    /// The runs of a cell, by round.
    pub fn of(&self, cell: Cell) -> impl Iterator<Item = &Run> {
        self.runs.iter().filter(move |run| run.cell == cell)
    }

    /// How long one cell takes over another, from the runs of the same rounds.
    pub fn ratio(&self, a: Cell, b: Cell) -> Option<Ratio> {
        #[expect(clippy::cast_precision_loss, reason = "2^53 ns are 104 days")]
        let pairs = self.of(a).filter_map(|a| {
            let b = self.of(b).find(|b| b.round == a.round)?;
            Some((a.wall_ns as f64, b.wall_ns as f64))
        });
        Ratio::of(pairs)
    }

    /// Whether a way of linking was run.
    pub(super) fn has(&self, linking: Linking) -> bool {
        self.cells.iter().any(|(cell, _)| cell.linking == linking)
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
