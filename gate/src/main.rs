//! The program `probe-gate`.

mod cli;
mod git;
mod session;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run(cli::Cli::parse())
}
