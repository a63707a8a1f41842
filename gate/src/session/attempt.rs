//! `Attempt`: one run of a target with what goes before and after it, or a setup or cleanup.

use super::error::{SessionError, write_failed};
use super::folder::{Folder, remove};
use super::live;
use super::owner::Owner;
use super::process::{self, Ended, Ending, How};
use super::signals::Signals;
use super::step::Step;
use concurrency_probe::Report;
use concurrency_probe_gate::{Failure, ReportError, ReportLine, Run};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// How much of the end of its output is shown when a run failed.
const SHOWN_BYTES: u64 = 4096;
const SHOWN_LINES: usize = 20;

/// Why a run gave no result.
#[derive(Debug)]
pub(super) enum Broken {
    /// The run failed, and all runs end.
    Failed(Box<Failure>),
    /// The session cannot go on.
    Session(SessionError),
}

impl From<SessionError> for Broken {
    fn from(error: SessionError) -> Self {
        Broken::Session(error)
    }
}

/// One run of a target, or a setup or cleanup.
pub(super) struct Attempt<'a> {
    pub(super) base: &'a Path,
    pub(super) folder: &'a Folder,
    pub(super) signals: &'a Signals,
    pub(super) owner: Owner<'a>,
    /// From 1; 0 for a warm-up, a setup or a cleanup.
    pub(super) round: u32,
    /// The name of its files: `link-3`, `link-warmup-1`.
    pub(super) label: String,
    pub(super) timeout_s: f64,
}

impl Attempt<'_> {
    /// Prepares, runs, and concludes, also what failed.
    ///
    /// Returns the run, and whether processes that it had started were still running when it ended.
    ///
    /// # Errors
    ///
    /// If one of the three fails, or the run leaves no report and is to leave one, or a file cannot be written.
    pub(super) fn make(&self) -> Result<(Run, bool), Broken> {
        self.not_interrupted(Step::Run)?;
        for file in [self.report(), self.live(), self.log()] {
            remove(&file)?;
        }
        let ended = self.command(Step::Prepare).and_then(|_| self.command(Step::Run));
        let concluded = self.command(Step::Conclude);
        let ended = ended?.ok_or_else(|| self.failed("the run has no command", None))?;
        concluded?;
        let nanos = |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        let run = Run {
            user_ns: ended.user.map(nanos),
            system_ns: ended.system.map(nanos),
            peak_bytes: ended.peak_bytes,
            exit_code: ended.exit_code(),
            involuntary_switches: ended.involuntary_switches,
            ..Run::of(self.owner.name(), self.round, nanos(ended.wall)).with_reports(self.reports()?)
        };
        Ok((run, ended.left_others))
    }

    /// Runs a setup or a cleanup, which have a log of their own.
    ///
    /// # Errors
    ///
    /// As [`Attempt::command`].
    pub(super) fn once(&self, step: Step) -> Result<(), Broken> {
        remove(&self.log())?;
        self.command(step).map(drop)
    }

    /// Fails if a signal came that this step obeys.
    fn not_interrupted(&self, step: Step) -> Result<(), Broken> {
        match self.signals.first().filter(|_| step.heeds_earlier_signals()) {
            Some(signal) => {
                Err(self.failed(&format!("{step} was not begun, because of signal {signal}"), None))
            }
            None => Ok(()),
        }
    }

    /// Runs the command of a step to its end, if it has one.
    ///
    /// # Errors
    ///
    /// If it fails, or its log cannot be written.
    fn command(&self, step: Step) -> Result<Option<Ended>, Broken> {
        let Some((program, arguments)) = self.owner.arguments(step).split_first() else { return Ok(None) };
        self.not_interrupted(step)?;
        let dir = self.owner.dir_in(self.base);
        let log = self.log();
        let output = || File::options().create(true).append(true).open(&log).map_err(write_failed(&log));
        let mut command = Command::new(process::program(program, &dir).map_err(write_failed(&dir))?);
        command
            .args(arguments)
            .current_dir(&dir)
            .envs(self.owner.env().into_iter().flatten())
            .stdout(output()?)
            .stderr(output()?);
        if step == Step::Run {
            // The program may change its directory.
            let absolute = |path: PathBuf| std::path::absolute(&path).map_err(write_failed(&path));
            command.env("CONCURRENCY_PROBE_REPORT", absolute(self.report())?);
            command.env("CONCURRENCY_PROBE_LIVE", absolute(self.live())?);
        } else {
            command.env_remove("CONCURRENCY_PROBE_REPORT").env_remove("CONCURRENCY_PROBE_LIVE");
        }
        self.owner.forget_git(&mut command);
        let how = How {
            limit: Duration::from_secs_f64(self.timeout_s),
            signals: self.signals,
            heeds_earlier_signals: step.heeds_earlier_signals(),
            log: &log,
        };
        let mut inside = Vec::new();
        let ended = process::run(&mut command, how, || inside = live::sentences(&self.live()));
        let ended = match ended {
            Ok(ended) => ended,
            Err(source) => {
                let why = format!(
                    "cannot be started: `{}` in {}: {source}; is it built, and is its path relative to that directory?",
                    program.escape_debug(),
                    dir.display()
                );
                return Err(self.failed(&format!("{step} {why}"), None));
            }
        };
        let accepted = self.owner.exit_codes(step);
        let how = match ended.ending {
            Ending::Exited(status) if status.code().is_some_and(|code| accepted.contains(&code)) => {
                if ended.left_others && step != Step::Run {
                    self.say_others_were_ended(step);
                }
                return Ok(Some(ended));
            }
            ending => ending.how(self.timeout_s),
        };
        Err(match self.failed(&format!("{step} {how}"), Some(&log)) {
            Broken::Failed(failure) => Broken::Failed(Box::new(Failure { live: inside, ..*failure })),
            broken @ Broken::Session(_) => broken,
        })
    }

    /// For runs this is printed once for each target.
    fn say_others_were_ended(&self, step: Step) {
        let of = if self.owner.name().is_empty() {
            String::new()
        } else {
            format!("target {}: ", self.owner.name())
        };
        let _ = writeln!(
            io::stderr(),
            "{of}processes that {step} had started were still running when it ended; the gate has ended them"
        );
    }

    /// What happened, with the end of what was printed.
    fn failed(&self, what: &str, log: Option<&Path>) -> Broken {
        let Attempt { owner, round, .. } = self;
        let of = match (owner.name(), round) {
            ("", _) => String::new(),
            (name, 0) => format!("target {name}: "),
            (name, round) => format!("target {name}, round {round}: "),
        };
        Broken::Failed(Box::new(Failure {
            target: owner.name().to_owned(),
            round: *round,
            what: format!("{of}{what}"),
            output: log.map(end_of).unwrap_or_default(),
            log: log.map(Path::to_path_buf),
            live: Vec::new(),
        }))
    }

    /// The reports of the run.
    fn reports(&self) -> Result<Vec<Report>, Broken> {
        let path = self.report();
        let why = match ReportLine::read_all(&path) {
            Ok(reports) => return Ok(reports),
            Err(ReportError::Read(error)) if error.kind() == io::ErrorKind::NotFound => {
                if matches!(self.owner, Owner::Target(target) if !target.reports) {
                    return Ok(Vec::new());
                }
                "left no report: if it is not meant to write one, set `reports = false`".into()
            }
            Err(error) => format!("left {error}"),
        };
        Err(self.failed(&format!("the run {why} ({})", path.display()), Some(&self.log())))
    }

    fn report(&self) -> PathBuf {
        self.folder.logs.join(format!("{}.ndjson", self.label))
    }

    fn live(&self) -> PathBuf {
        self.folder.logs.join(format!("{}.live.json", self.label))
    }

    fn log(&self) -> PathBuf {
        self.folder.logs.join(format!("{}.log", self.label))
    }
}

/// The last lines of a file.
pub(super) fn end_of(path: &Path) -> String {
    let read = || -> io::Result<Vec<u8>> {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(SHOWN_BYTES)))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let bytes = read().unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(SHOWN_LINES)..].join("\n")
}
