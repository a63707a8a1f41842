//! A session: the targets are run, one after another, and what they measured is on disk after every run.

mod ended;

use concurrency_probe::Report;
use concurrency_probe_gate::{Config, ReportError, ReportLine, Results, ResultsError, Run, TargetConfig};
use indicatif::{ProgressBar, ProgressStyle};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use ended::Ended;

/// Why a session ended early. What was measured before is kept, and `--resume` goes on from there.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SessionError {
    /// There is nothing to run.
    #[error("there is no target to run: add a `[[target]]`")]
    NoTargets,
    /// A program cannot be started.
    #[error("cannot run `{program}` of target {target}: {source}; is it built, and is its path relative to {}?", dir.display())]
    Start {
        /// The program.
        program: String,
        /// Of which target.
        target: String,
        /// Where it was to be run.
        dir: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A program failed.
    #[error("{what} of target {target}, round {round}, {how}; what it said is in {}", output.display())]
    Failed {
        /// Which.
        what: &'static str,
        /// Of which target.
        target: String,
        /// In which round.
        round: u32,
        /// How.
        how: String,
        /// What it printed.
        output: PathBuf,
    },
    /// A report is missing or invalid.
    #[error("target {target}, round {round}, {why} ({})", path.display())]
    Report {
        /// Of which target.
        target: String,
        /// In which round.
        round: u32,
        /// What is wrong with it.
        why: String,
        /// The file.
        path: PathBuf,
    },
    /// A file cannot be written.
    #[error("cannot write {}: {source}; name another directory as `out`", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The results of the session that is gone on with cannot be read.
    #[error(transparent)]
    Resume(#[from] ResultsError),
}

/// Runs what a configuration says. Paths in it are relative to `base`.
pub(crate) fn run(config: &Config, base: &Path, resume: bool) -> Result<Results, SessionError> {
    if config.targets.is_empty() {
        return Err(SessionError::NoTargets);
    }
    let out = base.join(&config.run.out);
    let file = out.join("results.json");
    let mut results =
        if resume && file.exists() { Results::read(&file)? } else { Results::of_runs(Vec::new()) };
    let logs = out.join("runs");
    fs::create_dir_all(&logs).map_err(write_failed(&logs))?;
    let began = Instant::now();
    let schedule = schedule(config);
    let progress = progress_bar(schedule.len());
    for (round, target) in schedule {
        let is_known = results.of_target(&target.name).any(|run| run.round == round);
        // A round that was begun is ended: half of it would be no pair.
        let is_over = config.run.budget_s.is_some_and(|budget| began.elapsed().as_secs_f64() > budget);
        let is_new = round > 1 && !results.runs.iter().any(|run| run.round == round);
        let is_left_out = is_known || (is_over && is_new);
        if !is_left_out {
            let warm_up = if round == 0 { ", warm-up" } else { "" };
            progress.set_message(format!(
                "{}, round {round}{warm_up}{}",
                target.name,
                running_ratio(&results)
            ));
            let run = Attempt { config, base, logs: &logs, target, round }.make()?;
            if round > 0 {
                results.runs.push(run);
                keep(&file, &results)?;
            }
        }
        progress.inc(1);
    }
    progress.finish_and_clear();
    Ok(results)
}

/// Each round with each target; round 0 is that of the warm-ups. Every other round goes backwards (A B B A), so that a machine
/// that becomes slower all the time is as slow for one target as for the other.
fn schedule(config: &Config) -> Vec<(u32, &TargetConfig)> {
    let warm_ups = (0..config.run.warmups).flat_map(|_| config.targets.iter().map(|target| (0, target)));
    let rounds = (1..=config.run.runs).flat_map(|round| {
        let mut targets: Vec<_> = config.targets.iter().map(|target| (round, target)).collect();
        if round.is_multiple_of(2) {
            targets.reverse();
        }
        targets
    });
    warm_ups.chain(rounds).collect()
}

/// One run, with what goes before and after it.
struct Attempt<'a> {
    config: &'a Config,
    base: &'a Path,
    logs: &'a Path,
    target: &'a TargetConfig,
    round: u32,
}

impl Attempt<'_> {
    fn make(&self) -> Result<Run, SessionError> {
        let TargetConfig { name, command, prepare, conclude, .. } = self.target;
        let report = self.logs.join(format!("{name}-{}.ndjson", self.round));
        match fs::remove_file(&report) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(write_failed(&report)(error));
            }
            _ => {}
        }
        self.run("the preparation", prepare, None)?;
        let ended = self.run("the run", command, Some(&report))?;
        self.run("the conclusion", conclude, None)?;
        let nanos = |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        let run = Run::of(name, self.round, ended.as_ref().map_or(0, |ended| nanos(ended.wall)));
        Ok(Run {
            user_ns: ended.as_ref().and_then(|ended| ended.user).map(nanos),
            system_ns: ended.as_ref().and_then(|ended| ended.system).map(nanos),
            peak_bytes: ended.and_then(|ended| ended.peak_bytes),
            ..run.with_reports(self.read(&report)?)
        })
    }

    /// Runs a command to its end, if there is one. A measured one has a report file.
    fn run(
        &self,
        what: &'static str,
        command: &[String],
        report: Option<&Path>,
    ) -> Result<Option<Ended>, SessionError> {
        let Some((program, arguments)) = command.split_first() else { return Ok(None) };
        let TargetConfig { name, dir, env, .. } = self.target;
        let dir = self.base.join(dir);
        let dir = if dir.as_os_str().is_empty() { PathBuf::from(".") } else { dir };
        let output = self.logs.join(format!("{name}-{}.log", self.round));
        let log = || File::options().create(true).append(true).open(&output).map_err(write_failed(&output));
        let mut command = Command::new(program);
        command.args(arguments).current_dir(&dir).envs(env).stdout(log()?).stderr(log()?);
        if let Some(report) = report {
            // The program may change its directory.
            let report = std::path::absolute(report).map_err(write_failed(report))?;
            command.env("CONCURRENCY_PROBE_REPORT", report);
        }
        let began = Instant::now();
        let mut child = command.spawn().map_err(|source| SessionError::Start {
            program: program.clone(),
            target: name.clone(),
            dir,
            source,
        })?;
        let limit = Duration::from_secs_f64(self.config.run.timeout_s);
        let ended = Ended::wait(&mut child, began, limit).map_err(write_failed(&output))?;
        let how = match ended.status {
            Some(status) if status.success() => return Ok(Some(ended)),
            Some(status) => format!("failed ({status})"),
            None => format!("did not end in {} s", self.config.run.timeout_s),
        };
        Err(SessionError::Failed { what, target: name.clone(), round: self.round, how, output })
    }

    /// The report of a run.
    fn read(&self, path: &Path) -> Result<Option<Report>, SessionError> {
        let why = match ReportLine::read(path) {
            Ok(ReportLine(report)) => return Ok(Some(report)),
            Err(ReportError::Read(error)) if error.kind() == io::ErrorKind::NotFound => {
                if !self.target.reports {
                    return Ok(None);
                }
                "left no report; if it writes no report, say `reports = false`".into()
            }
            Err(error) => format!("left {error}"),
        };
        let Attempt { target, round, .. } = *self;
        Err(SessionError::Report { target: target.name.clone(), round, why, path: path.into() })
    }
}

/// Keeps the results so far, in one step.
fn keep(file: &Path, results: &Results) -> Result<(), SessionError> {
    let text = serde_json::to_string(results).map_err(|error| write_failed(file)(error.into()))?;
    let dir = file.parent().unwrap_or(Path::new("."));
    let written = tempfile::NamedTempFile::new_in(dir).and_then(|mut staged| {
        io::Write::write_all(&mut staged, text.as_bytes())?;
        staged.persist(file).map(drop).map_err(|error| error.error)
    });
    written.map_err(write_failed(file))
}

fn write_failed(path: &Path) -> impl FnOnce(io::Error) -> SessionError {
    let path = path.to_owned();
    move |source| SessionError::Write { path, source }
}

/// How long the second target took over the first, so far.
fn running_ratio(results: &Results) -> String {
    let targets = results.targets();
    let [first, second, ..] = targets[..] else { return String::new() };
    let sum = |target: &str| results.of_target(target).map(|run| u128::from(run.wall_ns)).sum::<u128>();
    let (first_sum, second_sum) = (sum(first), sum(second));
    if first_sum == 0 {
        return String::new();
    }
    let hundredths = second_sum * 100 / first_sum;
    format!("; {second} / {first} is {}.{:02}", hundredths / 100, hundredths % 100)
}

/// On standard error, if that is a terminal; else it draws nothing.
fn progress_bar(runs: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} runs, {eta} left: {msg}");
    let bar =
        ProgressBar::new(runs as u64).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
