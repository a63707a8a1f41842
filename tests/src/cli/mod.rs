//! The command line of `testbed`.

mod args;
mod ground;
mod install;
mod serve;

pub use args::{Cli, Command, GeneratedArgs, InitArgs, InstallArgs, NetworkArgs, RegistryArgs, ServerArgs};

use crate::bench;
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::process::ExitCode;

/// Runs a command. Errors are one sentence on standard error, and exit 1; usage errors are clap's, and exit 2.
pub fn run(cli: Cli) -> ExitCode {
    ground::tell_of_panics();
    let result = match cli.command {
        None => run_benchmark(&cli.bench),
        Some(Command::Bench(options)) => run_benchmark(&options),
        Some(Command::Install(args)) => install::run(&args),
        Some(Command::Init(args)) => serve::init(&args),
        Some(Command::Registry(args)) => serve::registry(&args),
        Some(Command::Server(args)) => serve::server(&args),
    };
    result.unwrap_or_else(|error| {
        let _ = writeln!(std::io::stderr(), "error: {error}");
        ExitCode::FAILURE
    })
}

type Result = std::result::Result<ExitCode, Box<dyn std::error::Error>>;

fn run_benchmark(options: &bench::BenchOptions) -> Result {
    // Two runtimes and two servers of two threads each, an install with its pool and what unpacks, the pool that generates
    // packages, and some more.
    ground::check(3 * ground::cores() + usize::from(options.threads) + 24)?;
    if let Some(path) = &options.json {
        // Before the minutes that the runs take.
        File::options().append(true).create(true).open(path).map_err(|error| {
            format!("cannot write the figures to {}: {error}; name another file with --json", path.display())
        })?;
    }
    let out = bench::Out::take(&options.out)?;
    let results = match bench::run(options) {
        Err(bench::BenchError::Interrupted(signal)) => return Ok(ExitCode::from(signal.exit_code())),
        results => results?,
    };
    if let Some(path) = &options.json {
        results.write_json(path)?;
    }
    let gates = bench::Gates::run(&results.runs, results.disk, out.dir())?;
    // What whoever sees only the end has to know.
    let broken: Vec<String> =
        results.broken().chain(gates.broken()).map(|broken| format!("FAILS   {broken}\n")).collect();
    print(&format!("{results}; reports are in {}\n\n{gates}\n{}", out.dir().display(), broken.concat()))?;
    Ok(if broken.is_empty() && gates.hold() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Prints to standard output. Whoever stops reading it early (`| head`) has seen enough.
fn print(text: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(std::io::Error::new(
            error.kind(),
            format!("cannot write to standard output: {error}; see where it leads to"),
        )),
        _ => Ok(()),
    }
}
