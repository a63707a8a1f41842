//! The integrated benchmark: the installer in every way in which it can be run, side by side, with the checks that would have
//! caught the bug.

mod bed;
mod cell;
mod check;
mod checks;
mod gates;
mod options;
mod out;
mod results;
mod run;
mod table;

pub use cell::{Cell, Scenario, Target};
pub use check::{Check, Verdict};
pub use gates::Gates;
pub use options::BenchOptions;
pub(crate) use options::millis;
pub use out::Out;
pub use results::Results;
pub use run::{Links, Run};

use crate::signal::Signal;
use bed::Bed;
use indicatif::{ProgressBar, ProgressStyle};
use std::time::{Duration, Instant};

/// Why there are no results.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// A run failed.
    #[error("the run of {cell} failed: {source}")]
    Run {
        /// Which.
        cell: Cell,
        /// Why.
        source: crate::install::InstallError,
    },
    /// What the runs need could not be set up.
    #[error("cannot set the benchmark up: {0}")]
    SetUp(String),
    /// Another benchmark is under way.
    #[error("another benchmark writes to {}: wait for it, or name another directory with --out", .0.display())]
    Busy(std::path::PathBuf),
    /// A signal came.
    #[error("interrupted")]
    Interrupted(Signal),
    /// What the gates found could not be written.
    #[error("cannot write what the gates found: {0}")]
    Gates(String),
    /// A file could not be written.
    #[error("cannot write {}: {source}; name another place with --out or --json", path.display())]
    Write {
        /// The file.
        path: std::path::PathBuf,
        /// What the file system said.
        source: std::io::Error,
    },
}

/// Runs the benchmark.
///
/// # Errors
///
/// If a run fails, or what the runs need cannot be set up.
pub fn run(options: &BenchOptions) -> Result<Results, BenchError> {
    let began = Instant::now();
    let schedule = options.schedule();
    let progress = progress_bar(schedule.len());
    progress.set_message("generating packages");
    let bed = Bed::set_up(options)?;
    let mut runs = Vec::new();
    for (round, cell) in schedule {
        // The round before the first only warms up: it is in no figure, and leaves no report.
        let is_warm_up = round == 0;
        progress.set_message(if is_warm_up {
            format!("warm-up: {cell}")
        } else {
            format!("{round}: {cell}")
        });
        let run = bed.run(cell, round)?;
        if !is_warm_up {
            runs.push(run);
        }
        progress.inc(1);
    }
    progress.finish_and_clear();
    Ok(checks::checked(options, runs, began.elapsed()))
}

/// On standard error, if that is a terminal; else it draws nothing.
fn progress_bar(runs: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} runs, {eta} left: {msg}");
    let bar =
        ProgressBar::new(runs as u64).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
