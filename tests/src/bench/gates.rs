//! The benchmark's gates: what must hold of its runs, judged as any other project's would be.

use super::BenchError;
use super::cell::Cell;
use super::check::{Check, Verdict as Checked};
use super::run::Run;
use crate::install::Linking;
use concurrency_probe_gate as gate;
use concurrency_probe_gate::{Asks, Config, Judgement, Verdict, artifacts, judge};
use std::fmt;
use std::path::{Path, PathBuf};

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
    /// Judges runs, and writes all artifacts to `DIR/gates`.
    ///
    /// # Errors
    ///
    /// If one of them cannot be written.
    pub fn run(runs: &[Run], out: &Path) -> Result<Self, BenchError> {
        let results = results(runs);
        let mut config = rules();
        let all = config.rules.len();
        config.rules.retain(|rule| rule.has_runs(&results));
        let judgements = judge(&config, &results, None);
        let mut written = artifacts::all(&results, &judgements);
        written.push(artifacts::trace(&results));
        let dir = out.join("gates");
        artifacts::write(&dir, &written).map_err(|error| BenchError::Gates(error.to_string()))?;
        Ok(Gates { left_out: all - judgements.len(), judgements, dir })
    }

    /// Whether no rule fails, or has nothing to judge by. A few runs may be too few to tell of times.
    pub fn hold(&self) -> bool {
        let holds =
            |judged: &Judgement| matches!(judged.verdict, Verdict::Holds | Verdict::CannotTell { .. });
        !self.judgements.is_empty() && self.judgements.iter().all(holds)
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
            writeln!(f, "  {} more are about what was not run", self.left_out)?;
        }
        write!(f, "the page of all runs is {}", self.dir.join("index.html").display())
    }
}

/// What must hold of the benchmark.
fn rules() -> Config {
    parse(include_str!("../../gates.toml"), "gates.toml")
}

/// Whether a rule compares the times of this cell with those of another one.
pub(super) fn compares(cell: Cell) -> bool {
    let name = cell.rule_name();
    rules().rules.iter().any(
        |rule| matches!(&rule.asks, Asks::Ratio { target, over, .. } if *target == name || *over == name),
    )
}

/// Whether each rule that is about the bug sees it alone, in each run that has it.
pub(super) fn bug_is_caught(runs: &[Run]) -> Vec<Check> {
    let inline: Vec<&Run> =
        runs.iter().filter(|run| run.cell.linking == Linking::Inline && run.cold.items > 1).collect();
    if inline.is_empty() {
        return Vec::new();
    }
    let mut config = parse(include_str!("../../bug.toml"), "bug.toml");
    let rules = std::mem::take(&mut config.rules);
    rules
        .into_iter()
        .map(|rule| {
            let is_of_all_links = rule.name == "concurrent";
            let name = format!("inline is caught by `{}` alone", rule.name);
            config.rules = vec![rule];
            let judged: Vec<(&Run, Judgement)> = inline
                .iter()
                .filter(|run| !is_of_all_links || run.warm.items == 0)
                .map(|run| (*run, judge(&config, &results(&[(*run).clone()]), None).remove(0)))
                .collect();
            let missed = judged.iter().find(|(_, judged)| judged.verdict != Verdict::Fails);
            let (verdict, found) = match (missed, judged.first()) {
                (Some((_, judged)), _) => (Checked::Fails, format!("{}: {}", judged.verdict, judged.found)),
                (None, Some((_, first))) => {
                    (Checked::Holds, format!("in {} runs: {}", judged.len(), first.found))
                }
                (None, None) => (Checked::CannotTell, "in each run some packages were warm".into()),
            };
            Check { name, verdict, found }
        })
        .collect()
}

/// The runs as the gate has them.
fn results(runs: &[Run]) -> gate::Results {
    let runs = runs.iter().map(|run| gate::Run {
        target: run.cell.rule_name(),
        round: run.round.into(),
        wall_ns: run.wall_ns,
        // All runs are in one process, which the system counts as one.
        user_ns: None,
        system_ns: None,
        peak_bytes: None,
        report: Some(run.report.clone()),
    });
    gate::Results { schema: gate::Results::SCHEMA.into(), runs: runs.collect() }
}

fn parse(text: &str, name: &str) -> Config {
    Config::parse(text, Path::new(name)).expect("the rules are part of the program, and a test reads them")
}
