//! `BenchOptions`: what the benchmark runs, and over which network.

use super::cell::{Cell, Scenario};
use super::gates::compares;
use crate::install::{Linking, SlowDisk};
use clap::Args;
use std::path::PathBuf;
use std::time::Duration;

/// What the benchmark runs. It is the default command: `testbed` alone runs it.
#[derive(Args, Clone, Debug)]
pub struct BenchOptions {
    /// Only this scenario (may be given several times) [default: all]
    #[arg(long = "scenario", value_enum, value_name = "SCENARIO")]
    pub scenarios: Vec<Scenario>,

    /// Only this way of linking (may be given several times), in every scenario and for every target [default: each where it makes a difference]
    #[arg(long = "linking", value_enum, value_name = "LINKING")]
    pub linkings: Vec<Linking>,

    /// How many packages the project has, 100 to 5000. Fewer than a thousand are downloaded before much can be told of them: what cannot is left
    /// out
    #[arg(long, default_value_t = 1308, allow_negative_numbers = true, value_name = "N", value_parser = clap::value_parser!(u16).range(100..=5000))]
    pub packages: u16,

    /// How many times everything is run, after a warm-up of each target that is in no figure. What a rule compares the times of is run 5
    /// times at least
    #[arg(long, default_value_t = 1, allow_negative_numbers = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=100))]
    pub runs: u16,

    /// Where the reports of the runs go, one line a run: `DIR/<scenario>/<target>/<linking>.ndjson`
    #[arg(long, default_value = "target/testbed", value_name = "DIR")]
    pub out: PathBuf,

    /// Where the installs are made [default: in memory (/dev/shm) if there is room, as the disk is modelled, else in the
    /// directory for temporary files]
    #[arg(long, value_name = "DIR")]
    pub scratch: Option<PathBuf>,

    /// Also write all figures to this file
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,

    /// How many times as fast everything is as it would be, so that the benchmark is short: packuments and tarballs have so many times fewer
    /// bytes, and the times below are divided by it
    #[arg(long, default_value_t = 3, allow_negative_numbers = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=20))]
    pub faster: u16,

    /// The installer's network: a round trip, to the registry and to the resolution server
    #[arg(long, default_value = "10", allow_negative_numbers = true, value_name = "MS", value_parser = millis)]
    pub registry_latency_ms: Duration,

    /// The installer's network: megabits a second, for all connections together. A household in a city has some hundreds
    #[arg(long, default_value_t = 250, allow_negative_numbers = true, value_name = "MBPS", value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub registry_bandwidth_mbps: u64,

    /// The resolution server's network: a round trip to the registry, which it stands beside
    #[arg(long, default_value = "1", allow_negative_numbers = true, value_name = "MS", value_parser = millis)]
    pub pnpr_server_registry_latency_ms: Duration,

    /// How many of a hundred packuments the resolution server has parsed already, for other projects
    #[arg(long, default_value_t = 40, allow_negative_numbers = true, value_name = "N", value_parser = clap::value_parser!(u8).range(0..=100))]
    pub pnpr_server_knows_percent: u8,

    /// What the disk takes for each package that is linked. The runner on which the bug was found took 14.5 s for 996, one after another
    #[arg(long, default_value = "14.5", allow_negative_numbers = true, value_name = "MS", value_parser = millis)]
    pub link_latency_ms: Duration,

    /// Threads of the install's own pool
    #[arg(long, default_value_t = 4, allow_negative_numbers = true, value_name = "N", value_parser = clap::value_parser!(u16).range(2..=256))]
    pub threads: u16,

    /// Of the generated packages
    #[arg(long, default_value_t = 12250, allow_negative_numbers = true, value_name = "SEED")]
    pub seed: u64,
}

/// A time on the command line, up to a minute.
pub(crate) fn millis(text: &str) -> Result<Duration, String> {
    let expected = || format!("`{text}` is no time: expected milliseconds, 0 to 60000");
    let millis: f64 = text.parse().map_err(|_| expected())?;
    if (0.0..=60_000.0).contains(&millis) {
        Ok(Duration::from_secs_f64(millis / 1e3))
    } else {
        Err(expected())
    }
}

/// So often is run what a rule compares: the fewest pairs that are judged. The number does not depend on what the
/// first of them show: whoever runs more until a rule holds finds in the end that it does.
const COMPARED: u16 = 5;

impl BenchOptions {
    /// How often a cell is run.
    pub fn rounds_of(&self, cell: Cell) -> u16 {
        if compares(cell) { self.runs.max(COMPARED) } else { self.runs }
    }

    /// What is run once a round.
    pub fn cells(&self) -> Vec<Cell> {
        let is_wanted = |scenario| self.scenarios.is_empty() || self.scenarios.contains(&scenario);
        if self.linkings.is_empty() {
            return Cell::by_default().into_iter().filter(|cell| is_wanted(cell.scenario)).collect();
        }
        let mut cells = Vec::new();
        for scenario in Scenario::ALL.into_iter().filter(|scenario| is_wanted(*scenario)) {
            for linking in Linking::ALL.into_iter().filter(|linking| self.linkings.contains(linking)) {
                cells.extend(scenario.targets().iter().map(|&target| Cell { scenario, target, linking }));
            }
        }
        cells
    }

    /// What packages are linked to.
    pub fn disk(&self) -> SlowDisk {
        SlowDisk { latency: self.shortened(self.link_latency_ms) }
    }

    /// How long something takes here.
    pub(super) fn shortened(&self, time: Duration) -> Duration {
        time / u32::from(self.faster)
    }

    /// All runs in their order, each with its round; round 0 is the warm-up, of each target once. Every other round goes
    /// backwards, so that a machine that gets slower all the time is as slow for one target as for the other (A B B A).
    pub(super) fn schedule(&self) -> Vec<(u16, Cell)> {
        let cells = self.cells();
        let is_last = |at: usize| {
            let like =
                |other: &Cell| (other.scenario, other.target) == (cells[at].scenario, cells[at].target);
            !cells[at + 1..].iter().any(like)
        };
        let warm_up = (0..cells.len()).filter(|at| is_last(*at)).map(|at| (0, cells[at])).collect::<Vec<_>>();
        let rounds: Vec<(Cell, u16)> = cells.iter().map(|cell| (*cell, self.rounds_of(*cell))).collect();
        let last_round = rounds.iter().map(|(_, of_cell)| *of_cell).max().unwrap_or(0);
        let round = |round: u16| {
            let of_round = rounds.iter().filter(|(_, of_cell)| round <= *of_cell);
            let mut cells: Vec<_> = of_round.map(|(cell, _)| (round, *cell)).collect();
            if round.is_multiple_of(2) {
                cells.reverse();
            }
            cells
        };
        warm_up.into_iter().chain((1..=last_round).flat_map(round)).collect()
    }
}
