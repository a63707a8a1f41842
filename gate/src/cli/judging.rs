//! What `run`, `compare` and `check` share: results are judged, and everything is written before the exit code is decided.

use super::{UNREADABLE, print};
use clap::Args;
use concurrency_probe_gate::artifacts::WriteError;
use concurrency_probe_gate::terminal::{self, verdicts};
use concurrency_probe_gate::{
    Config, History, HistoryError, Judgement, Results, SessionLine, artifacts, exit_code,
};
use std::error::Error;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Args, Debug)]
pub(super) struct Judging {
    /// The configuration
    #[arg(long, value_name = "FILE", default_value = "gates.toml")]
    pub(super) config: PathBuf,

    /// Earlier results, for rules that compare with a baseline
    #[arg(long, value_name = "FILE")]
    pub(super) baseline: Option<PathBuf>,

    /// Add a line about this session to this file, which `probe-gate history` draws
    #[arg(long, value_name = "FILE")]
    history: Option<PathBuf>,

    /// Also write timelines as `trace.json`, which ui.perfetto.dev opens
    #[arg(long)]
    pub(super) trace: bool,

    /// What is printed on standard output: sentences, or one JSON object (sentences then go to standard error)
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    /// Judge only by this rule; `*` stands for any text. May be given several times
    #[arg(long = "rule", value_name = "PATTERN")]
    rules: Vec<String>,

    /// Leave out this rule; `*` stands for any text. May be given several times
    #[arg(long, value_name = "PATTERN")]
    skip: Vec<String>,
}

/// What is printed on standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// Sentences.
    Text,
    /// One JSON object.
    Json,
}

impl Judging {
    /// Checks that the history can be added to, before anything is measured.
    pub(super) fn look_at_history(&self) -> Result<(), HistoryError> {
        self.history.as_deref().map_or(Ok(()), History::look)
    }

    /// Adds the session to the history.
    fn add_to_history(
        &self,
        config: &Config,
        results: &Results,
        judgements: &[Judgement],
    ) -> Result<(), HistoryError> {
        let Some(history) = &self.history else { return Ok(()) };
        if let Some(line) = History::append(history, &SessionLine::of(results, judgements, config))? {
            let _ = writeln!(
                std::io::stderr(),
                "warning: {}:{line}: it was cut off when a gate was killed, and is skipped",
                history.display()
            );
        }
        Ok(())
    }

    /// Leaves out the rules that are not asked for.
    pub(super) fn choose(&self, config: &mut Config) -> Result<(), String> {
        config.only_rules(&self.rules, &self.skip)
    }
}

/// Writes every artifact, says what was found, and only then decides. `of_signal` is the exit code of a gate that a signal has ended.
///
/// # Errors
///
/// The first thing that could not be written. Everything else is.
pub(super) fn conclude(
    config: &Config,
    results: &Results,
    judgements: &[Judgement],
    out: Option<&Path>,
    judging: &Judging,
    of_signal: Option<u8>,
) -> Result<ExitCode, Box<dyn Error>> {
    let mut artifacts = artifacts::all(results, judgements, &config.run.items);
    if judging.trace {
        artifacts.push(artifacts::trace(results));
    }
    let mut problems: Vec<Box<dyn Error>> = Vec::new();
    if let Some(Err(error)) = out.map(|out| artifacts::write(out, &artifacts)) {
        let WriteError { path, source } = error;
        let place = "name another directory, as `out` in the configuration or with --out";
        problems.push(format!("cannot write {}: {source}; {place}", path.display()).into());
    }
    if let Err(error) = judging.add_to_history(config, results, judgements) {
        problems.push(error.into());
    }
    let summary = artifacts.iter().find(|artifact| artifact.name == "summary.md");
    if let Err(error) = add_to_step_summary(summary.map_or("", |summary| &summary.text)) {
        problems.push(error.into());
    }
    let code = if problems.is_empty() {
        of_signal.unwrap_or_else(|| exit_code(results, judgements))
    } else {
        UNREADABLE
    };
    let mut said = verdicts(judgements) + &terminal::warnings(results);
    if judgements.is_empty() {
        said += "there is no rule, so nothing was judged: add a `[[rule]]` to the configuration\n";
    }
    let printed = match judging.format {
        Format::Text => print(&said),
        Format::Json => {
            let _ = write!(std::io::stderr(), "{said}");
            print(&artifacts::verdict(results, judgements, code, out))
        }
    };
    problems.extend(printed.err());
    if let Some(failure) = &results.failure {
        let _ = write!(std::io::stderr(), "{}", terminal::failure(failure));
    }
    if std::env::var_os("GITHUB_ACTIONS").is_some() {
        let annotations = artifacts::annotations(results, judgements);
        match judging.format {
            Format::Text => problems.extend(print(&annotations).err()),
            // On standard output they would break the JSON. The runner reads standard error as well.
            Format::Json => drop(write!(std::io::stderr(), "{annotations}")),
        }
    }
    let mut problems = problems.into_iter();
    let Some(first) = problems.next() else { return Ok(ExitCode::from(code)) };
    for problem in problems {
        let _ = writeln!(std::io::stderr(), "error: {problem}");
    }
    Err(first)
}

/// For a workflow on GitHub.
fn add_to_step_summary(text: &str) -> Result<(), String> {
    let Some(file) = std::env::var_os("GITHUB_STEP_SUMMARY") else { return Ok(()) };
    let mut options = std::fs::File::options();
    let opened = options.append(true).create(true).open(&file);
    let added = opened.and_then(|mut file| file.write_all(text.as_bytes()));
    added.map_err(|error| format!("cannot write the step summary {}: {error}", file.display()))
}
