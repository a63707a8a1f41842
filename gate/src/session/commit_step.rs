//! `CommitStep`: what is done once for a commit before its targets are run: it is checked out, and it is built.

use super::attempt::end_of;
use super::error::{SessionError, write_failed};
use super::folder::{Folder, remove};
use super::process::{self, Ending, How};
use super::signals::Signals;
use concurrency_probe_gate::Failure;
use std::fs::File;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// A step. One that fails is part of the results, as a run that fails is.
pub(super) struct CommitStep<'a> {
    /// What it is, in words: `the build of the base commit`.
    pub(super) what: String,
    /// The name of its file: `+build-base`. No target has such a name.
    pub(super) label: String,
    pub(super) limit_s: f64,
    pub(super) folder: &'a Folder,
    pub(super) signals: &'a Signals,
}

impl CommitStep<'_> {
    /// Runs a command to its end, and says what went wrong.
    ///
    /// # Errors
    ///
    /// If its log cannot be written.
    pub(super) fn run(&self, command: &mut Command, dir: &Path) -> Result<Option<Failure>, SessionError> {
        let CommitStep { what, label, limit_s, folder, signals } = self;
        if let Some(signal) = signals.first() {
            return Ok(Some(failure(format!("{what} was not begun, because of signal {signal}"), None)));
        }
        let log = folder.logs.join(format!("{label}.log"));
        remove(&log)?;
        let output = || File::options().create(true).append(true).open(&log).map_err(write_failed(&log));
        command.stdout(output()?).stderr(output()?);
        command.env_remove("CONCURRENCY_PROBE_REPORT").env_remove("CONCURRENCY_PROBE_LIVE");
        let how =
            How { limit: Duration::from_secs_f64(*limit_s), signals, heeds_earlier_signals: true, log: &log };
        let ended = match process::run(command, how, || ()) {
            Ok(ended) => ended,
            Err(source) => {
                let program = command.get_program().to_string_lossy();
                let what = format!(
                    "{what} cannot be started: `{}` in {}: {source}",
                    program.escape_debug(),
                    dir.display()
                );
                return Ok(Some(failure(what, None)));
            }
        };
        match ended.ending {
            Ending::Exited(status) if status.success() => Ok(None),
            ending => Ok(Some(failure(format!("{what} {}", ending.how(*limit_s)), Some(&log)))),
        }
    }
}

fn failure(what: String, log: Option<&Path>) -> Failure {
    Failure {
        target: String::new(),
        round: 0,
        what,
        output: log.map(end_of).unwrap_or_default(),
        log: log.map(Path::to_path_buf),
        live: Vec::new(),
    }
}
