//! The program `testbed`: a small package installer with its registry, and the benchmark that runs it.

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    testbed::cli::run(testbed::cli::Cli::parse())
}
