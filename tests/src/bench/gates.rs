//! The benchmark's gates: what must hold of its runs, judged as any other project's would be.

use super::BenchError;
use super::cell::{Cell, Scenario};
use super::check::{Check, Verdict as Checked};
use super::run::Run;
use crate::install::{Linking, SlowDisk};
use concurrency_probe_gate as gate;
use concurrency_probe_gate::{Asks, Config, Judgement, RuleConfig, Verdict, artifacts, has_runs, judge};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// What the gates come to, and where everything is that they wrote.
#[derive(Debug)]
pub struct Gates {
    /// Of every rule that is about what was run.
    pub judgements: Vec<Judgement>,
    /// How many are not.
    left_out: usize,
    dir: PathBuf,
}

impl Gates {
    /// Judges runs that linked to such a disk, and writes all artifacts to `DIR/gates`.
    ///
    /// # Errors
    ///
    /// If one of them cannot be written.
    pub fn run(runs: &[Run], disk: SlowDisk, out: &Path) -> Result<Self, BenchError> {
        let results = results(runs);
        let mut config = rules();
        let all = config.rules.len();
        config.rules.retain(|rule| has_runs(rule, &results) && can_be_told(rule, runs, disk));
        let judgements = judge(&config, &results, None);
        let mut written = artifacts::all(&results, &judgements, &config.run.items);
        written.push(artifacts::trace(&results));
        let dir = out.join("gates");
        artifacts::write(&dir, &written).map_err(|error| BenchError::Gates(error.to_string()))?;
        Ok(Gates { left_out: all - judgements.len(), judgements, dir })
    }

    /// Whether no rule fails, or has nothing to judge by.
    pub fn hold(&self) -> bool {
        !self.judgements.is_empty() && self.broken().next().is_none()
    }

    /// The rules that fail, or have nothing to judge by. A few runs may be too few to tell of times.
    pub fn broken(&self) -> impl Iterator<Item = &str> {
        let is_broken =
            |judged: &&Judgement| !matches!(judged.verdict, Verdict::Holds | Verdict::CannotTell { .. });
        self.judgements.iter().filter(is_broken).map(|judged| judged.rule.as_str())
    }
}

impl fmt::Display for Gates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |verdict| self.judgements.iter().filter(|judged| judged.verdict == verdict).count();
        writeln!(f, "gates: {} of {} rules hold", count(Verdict::Holds), self.judgements.len())?;
        for judged in self.judgements.iter().filter(|judged| judged.verdict != Verdict::Holds) {
            writeln!(f, "  {}: {}\n      {}", judged.rule, judged.verdict, judged.found)?;
        }
        if self.left_out > 0 {
            writeln!(
                f,
                "  {} more are about what was not run, or need more packages or a slower disk",
                self.left_out
            )?;
        }
        write!(f, "the page of all runs is {}", self.dir.join("index.html").display())
    }
}

/// What must hold of the benchmark.
fn rules() -> Config {
    parse(include_str!("../../gates.toml"), "gates.toml")
}

/// What must be seen of the ways of linking that are wrong.
fn bugs() -> Config {
    parse(include_str!("../../bug.toml"), "bug.toml")
}

/// Whether the times of this cell are compared: by a rule, or where both targets do the same, so that their ratio is the noise.
pub(super) fn compares(cell: Cell) -> bool {
    if cell.scenario == Scenario::FrozenLockfile && cell.linking == Linking::Streamed {
        return true;
    }
    let name = cell.rule_name();
    let is_about = |rule: &RuleConfig| matches!(&rule.asks, Asks::Ratio { target, over, .. } if *target == name || *over == name);
    // Asked of each cell, in measured rounds too.
    static RULES: LazyLock<Vec<RuleConfig>> = LazyLock::new(|| [rules().rules, bugs().rules].concat());
    RULES.iter().any(is_about)
}

/// From so many packages on their downloads take longer than their resolution, on any network that is like one.
pub(super) const LARGE: u64 = 1000;

/// Whether a project is large enough for a rule: a few packages are downloaded before there is anything to compare, and a handful that is cold says
/// nothing of how parallel links are. A disk that takes no time leaves links to the processors, of which there may be fewer than threads.
fn can_be_told(rule: &RuleConfig, runs: &[Run], disk: SlowDisk) -> bool {
    let mut of_rule = runs.iter().filter(|run| rule.is_about(&run.cell.rule_name()));
    match &rule.asks {
        Asks::Ratio { .. } | Asks::Metric { .. } => {
            of_rule.all(|run| run.count("warm") + run.count("cold") >= LARGE)
        }
        // Of the batch that the rule is about: the other one may be large where this is a handful.
        Asks::Parallelism { pass: batch, .. } | Asks::Concurrent { batch: Some(batch), .. } => {
            !disk.latency.is_zero() && of_rule.all(|run| run.links(batch).items >= 64)
        }
        Asks::Concurrent { batch: None, .. } => !disk.latency.is_zero(),
        Asks::Conserve { .. } | Asks::Delta { .. } | Asks::Findings { .. } | Asks::Scaling { .. } => true,
    }
}

/// Whether each rule that is about a wrong way of linking sees it alone: in each run that has it, or in the pairs of all runs.
pub(super) fn bug_is_caught(runs: &[Run], disk: SlowDisk) -> Vec<Check> {
    let all = results(runs);
    let mut config = bugs();
    let rules = std::mem::take(&mut config.rules);
    let checks = rules.into_iter().filter(|rule| has_runs(rule, &all)).map(|rule| {
        let name = format!("{} is caught by `{}` alone", wrong_way(&rule), rule.asks.kind());
        let has_it = |run: &&Run| rule.is_about(&run.cell.rule_name()) && run.cold.items > 1;
        let with_it: Vec<&Run> = runs.iter().filter(has_it).collect();
        let compares = matches!(rule.asks, Asks::Ratio { .. });
        let can_be_told = !compares || (can_be_told(&rule, runs, disk) && !disk.latency.is_zero());
        config.rules = vec![rule];
        let judged: Vec<Judgement> = if compares {
            judge(&config, &all, None)
        } else {
            let of_run = |run: &Run| judge(&config, &results(std::slice::from_ref(run)), None).remove(0);
            with_it.into_iter().map(of_run).collect()
        };
        let missed = judged.iter().find(|judged| judged.verdict != Verdict::Fails);
        let (verdict, found) = match (missed, judged.first()) {
            (Some(judged), _) => {
                let is_unsure = matches!(judged.verdict, Verdict::CannotTell { .. });
                let verdict = if is_unsure { Checked::CannotTell } else { Checked::Fails };
                (verdict, format!("{}: {}", judged.verdict, judged.found))
            }
            (None, Some(first)) if compares => (Checked::Holds, first.found.clone()),
            (None, Some(first)) if judged.len() == 1 => (Checked::Holds, first.found.clone()),
            (None, Some(first)) => (Checked::Holds, format!("in {} runs: {}", judged.len(), first.found)),
            (None, None) => (Checked::CannotTell, "in no run were two packages cold".into()),
        };
        let check = Check { name, verdict, found };
        if can_be_told { check } else { check.or_cannot_tell() }
    });
    checks.collect()
}

/// The way of linking that a rule is about: the last part of its target's name.
fn wrong_way(rule: &RuleConfig) -> String {
    let targets = rule.targets();
    targets.first().and_then(|target| target.rsplit('.').next()).unwrap_or_default().to_owned()
}

/// The runs as the gate has them.
fn results(runs: &[Run]) -> gate::Results {
    // All runs are in one process, which the system counts as one: of each only its time is known.
    let of = |run: &Run| {
        gate::Run::of(run.cell.rule_name(), run.round.into(), run.wall_ns).with_reports([run.report.clone()])
    };
    gate::Results::of_runs(runs.iter().map(of).collect())
}

fn parse(text: &str, name: &str) -> Config {
    Config::parse(text, Path::new(name)).expect("the rules are part of the program, and a test reads them")
}
