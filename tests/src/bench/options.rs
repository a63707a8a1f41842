//! `BenchOptions`: what the benchmark runs, and over which network.

use super::cell::{Cell, Scenario};
use super::gates::compares;
use crate::install::Linking;
use clap::Args;
use std::path::PathBuf;

/// What the benchmark runs. It is the default command: `testbed` alone runs it.
#[derive(Args, Clone, Debug)]
pub struct BenchOptions {
    /// Only this scenario (may be given several times) [default: all]
    #[arg(long = "scenario", value_enum, value_name = "SCENARIO")]
    pub scenarios: Vec<Scenario>,

    /// Only this way of linking (may be given several times) [default: all]
    #[arg(long = "linking", value_enum, value_name = "LINKING")]
    pub linkings: Vec<Linking>,

    /// How many packages the project has, 2 to 5000
    #[arg(long, default_value_t = 1308, value_name = "N", value_parser = clap::value_parser!(u16).range(2..=5000))]
    pub packages: u16,

    /// How many times everything is run, after a warm-up of each target that is in no figure. What a rule compares the times of is run 6
    /// times at least
    #[arg(long, default_value_t = 3, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=100))]
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

    /// The installer's network: a round trip, to the registry and to the resolution server
    #[arg(long, default_value_t = 10, value_name = "MS", value_parser = clap::value_parser!(u64).range(..=60_000))]
    pub registry_latency_ms: u64,

    /// The installer's network: megabits a second, for all connections together
    #[arg(long, default_value_t = 500, value_name = "MBPS", value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub registry_bandwidth_mbps: u64,

    /// The resolution server's network: a round trip to the registry. It is nearer than the installer, and not next to it:
    /// with 0 its answers come before any package could be stored, and everything is cold
    #[arg(long, default_value_t = 15, value_name = "MS", value_parser = clap::value_parser!(u64).range(..=60_000))]
    pub pnpr_server_registry_latency_ms: u64,

    /// What the disk takes for each package that is linked
    #[arg(long, default_value_t = 3, value_name = "MS", value_parser = clap::value_parser!(u64).range(..=60_000))]
    pub link_latency_ms: u64,

    /// Threads of the install's own pool
    #[arg(long, default_value_t = 4, value_name = "N", value_parser = clap::value_parser!(u16).range(2..=256))]
    pub threads: u16,

    /// Of the generated packages and the network's jitter
    #[arg(long, default_value_t = 12250, value_name = "SEED")]
    pub seed: u64,
}

/// So often is run what a rule compares: pairs enough to tell, and as many of them A B as B A. The number does not depend on what the
/// first of them show: whoever runs more until a rule holds finds in the end that it does.
const COMPARED: u16 = 6;

impl BenchOptions {
    /// How often a cell is run.
    pub fn rounds_of(&self, cell: Cell) -> u16 {
        if compares(cell) { self.runs.max(COMPARED) } else { self.runs }
    }

    /// What is run once a round.
    pub fn cells(&self) -> Vec<Cell> {
        let scenarios = if self.scenarios.is_empty() { &Scenario::ALL[..] } else { &self.scenarios };
        let linkings = if self.linkings.is_empty() { &Linking::ALL[..] } else { &self.linkings };
        let mut cells = Vec::new();
        for &scenario in scenarios {
            for &linking in linkings {
                for &target in scenario.targets() {
                    let cell = Cell { scenario, target, linking };
                    if !cells.contains(&cell) {
                        cells.push(cell);
                    }
                }
            }
        }
        cells
    }

    /// All runs in their order, each with its round; round 0 is the warm-up, of each target once. Every other round goes
    /// backwards, so that a machine that gets slower all the time is as slow for one target as for the other (A B B A).
    pub(super) fn schedule(&self) -> Vec<(u16, Cell)> {
        let cells = self.cells();
        let last = cells.last().map(|cell| cell.linking);
        let warm_up = cells.iter().filter(|cell| Some(cell.linking) == last).map(|cell| (0, *cell));
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
        warm_up.chain((1..=last_round).flat_map(round)).collect()
    }
}
