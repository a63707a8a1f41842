//! `cargo probe-gate ..`: the program `probe-gate` that is installed beside this one.

use std::env;
use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    // cargo gives its subcommand the name that it was called by.
    let arguments = env::args_os().skip(1);
    let mut arguments = arguments.peekable();
    arguments.next_if(|first| first == "probe-gate");
    let name = format!("probe-gate{}", env::consts::EXE_SUFFIX);
    let beside = env::current_exe().ok().map(|own| own.with_file_name(&name)).filter(|gate| gate.is_file());
    let gate = beside.unwrap_or_else(|| name.into());
    run(Command::new(&gate).args(arguments)).unwrap_or_else(|error| {
        eprintln!(
            "error: cannot run {}: {error}; install it with `cargo install concurrency-probe-gate`",
            gate.display()
        );
        ExitCode::from(2)
    })
}

/// Replaces this process by the program, so that signals reach the program.
#[cfg(unix)]
fn run(command: &mut Command) -> std::io::Result<ExitCode> {
    Err(std::os::unix::process::CommandExt::exec(command))
}

#[cfg(not(unix))]
fn run(command: &mut Command) -> std::io::Result<ExitCode> {
    let code = command.status()?.code().and_then(|code| u8::try_from(code).ok());
    Ok(ExitCode::from(code.unwrap_or(2)))
}
