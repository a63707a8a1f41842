//! The command line of `probe-gate`.

mod baseline;
mod check;
mod compare;
mod history;
mod init;
mod judged;
mod judging;
mod page_file;
mod run;
mod running;
mod until_decided;
mod view;

use clap::{Parser, Subcommand};
use concurrency_probe_gate::{Config, explain};
use std::error::Error;
use std::io::{ErrorKind, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// Runs a benchmark, and fails if its structure breaks, not only if it becomes slower.
///
/// Exit codes: 0 all rules hold; 1 a rule fails; 2 usage, or input that cannot be read; 3 a rule had no data, or
/// not enough; 4 a run failed. 128 and the number of a signal if one ended it.
#[derive(Debug, Parser)]
#[command(name = "probe-gate", version)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the targets, then judge
    Run(run::RunArgs),
    /// Run the targets of two commits in pairs, then judge those of the head
    Compare(compare::CompareArgs),
    /// Judge existing results: those of this program, or hyperfine's export
    Check(check::CheckArgs),
    /// Draw a history, which --history wrote, as a page
    History(history::HistoryArgs),
    /// Draw reports as a page, without a configuration
    View(view::ViewArgs),
    /// Say in words what a configuration asks for
    Explain {
        /// The configuration
        #[arg(long, value_name = "FILE", default_value = "gates.toml", conflicts_with = "file")]
        config: PathBuf,

        /// The configuration, if --config is not given
        file: Option<PathBuf>,
    },
    /// Write an example configuration to start from
    Init {
        /// The file, which must not exist
        #[arg(default_value = "gates.toml")]
        file: PathBuf,
    },
}

/// Unreadable input, and everything else without a verdict.
const UNREADABLE: u8 = 2;

/// Runs a command.
pub(crate) fn run(cli: Cli) -> ExitCode {
    let result = match cli.command {
        Command::Run(args) => run::run(&args),
        Command::Compare(args) => compare::compare(&args),
        Command::Check(args) => check::check(&args),
        Command::History(args) => history::history(&args),
        Command::View(args) => view::view(&args),
        Command::Explain { config, file } => Config::read(&file.unwrap_or(config))
            .map_err(Into::into)
            .and_then(|config| print(&explain(&config)))
            .map(|()| ExitCode::SUCCESS),
        Command::Init { file } => init::init(&file),
    };
    result.unwrap_or_else(|error| {
        let _ = writeln!(std::io::stderr(), "error: {error}");
        ExitCode::from(UNREADABLE)
    })
}

/// Prints. It is not an error if the reader stops early (`| head`).
fn print(text: &str) -> Result<(), Box<dyn Error>> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(format!("cannot write to standard output: {error}; see where it leads to").into())
        }
        _ => Ok(()),
    }
}
