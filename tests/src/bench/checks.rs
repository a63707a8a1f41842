//! All checks: what must hold in a benchmark, whatever the times are.

use super::cell::{Cell, Scenario, Target};
use super::check::{Check, Verdict};
use super::gates::{LARGE, bug_is_caught};
use super::options::BenchOptions;
use super::results::Results;
use super::run::{Links, Run};
use crate::install::Linking;
use std::path::Path;
use std::time::Duration;

/// The results of these runs, with all checks.
pub(super) fn checked(options: &BenchOptions, runs: Vec<Run>, took: Duration) -> Results {
    let mut results = Results::new(options, runs, took);
    results.checks = checks(&results, &options.out);
    results
}

/// All checks that are about what was run.
fn checks(results: &Results, reports: &Path) -> Vec<Check> {
    let runs: Vec<&Run> = results.runs.iter().collect();
    let of = |scenario, targets: &[Target]| -> Vec<&Run> {
        runs.iter()
            .copied()
            .filter(|run| run.cell.scenario == scenario && targets.contains(&run.cell.target))
            .collect()
    };
    let mut checks = vec![
        every_target(results),
        no_warm_up(results, reports),
        Check::each(
            "every package of the project is accounted for",
            &runs,
            |run| run.count("warm") + run.count("cold") == u64::from(results.packages),
            |run| {
                let out = match run.count("failed") {
                    0 => String::new(),
                    out => format!(", {out} of them optional and left out"),
                };
                format!("{} of {}{out}", run.count("warm") + run.count("cold"), results.packages)
            },
        ),
    ];
    let counts = |run: &Run| format!("warm={} cold={}", run.count("warm"), run.count("cold"));
    if results.cells.iter().any(|(cell, _)| cell.scenario == Scenario::Fresh) {
        checks.push(signature(results));
        checks.push(if_large(
            results,
            Check::each(
                "fresh: at least a tenth is cold, with a streamed answer and with a cached one",
                &of(Scenario::Fresh, &[Target::Pnpr, Target::PnprCached]),
                |run| run.count("cold") * 10 >= run.count("warm") + run.count("cold"),
                counts,
            ),
        ));
        checks.push(if_large(
            results,
            Check::each(
                "fresh: with a streamed answer some are warm, some cold",
                &of(Scenario::Fresh, &[Target::Pnpr]),
                |run| run.count("warm") > 0 && run.count("cold") > 0,
                counts,
            ),
        ));
    }
    checks.extend(linking(results, &runs));
    checks.extend(bug_is_caught(&results.runs, results.disk));
    checks
}

/// A small project may be downloaded before it is resolved: then there is nothing to tell of it.
fn if_large(results: &Results, check: Check) -> Check {
    let has_runs = results.cells.iter().any(|(cell, _)| results.of(*cell).next().is_some());
    if u64::from(results.packages) < LARGE && has_runs { check.or_cannot_tell() } else { check }
}

/// What the bug was found in: the server's answer is there when a quarter of the packages are, so that three quarters are cold. It is by no bound
/// that a benchmark fails, because how much is unpacked until then depends on the machine too.
fn signature(results: &Results) -> Check {
    let is_streamed = |run: &&Run| (run.cell.scenario, run.cell.target) == (Scenario::Fresh, Target::Pnpr);
    let mut cold: Vec<u64> = results
        .runs
        .iter()
        .filter(is_streamed)
        .map(|run| run.count("cold") * 1000 / (run.count("warm") + run.count("cold")).max(1))
        .collect();
    cold.sort_unstable();
    let median = cold.get(cold.len() / 2).copied();
    let percent = |per_mille: u64| format!("{}.{} %", per_mille / 10, per_mille % 10);
    Check {
        name: "fresh: with a streamed answer 70 to 80 % are cold, as where the bug was found (312 / 996)"
            .into(),
        verdict: match median {
            Some(700..=800) => Verdict::Holds,
            Some(_) => Verdict::CannotTell,
            None => Verdict::Fails,
        },
        found: median.map_or_else(
            || "there is no such run".into(),
            |median| {
                let [least, most] = [cold[0], cold[cold.len() - 1]].map(percent);
                format!("{} in the median of {} runs, from {least} to {most}", percent(median), cold.len())
            },
        ),
    }
}

/// The ways of linking are what they are said to be, whatever the times.
fn linking(results: &Results, runs: &[&Run]) -> Vec<Check> {
    let threads = f64::from(results.threads);
    // Enough packages for every thread to have many.
    let is_batch = |links: &Links| links.items >= 16 * u64::from(results.threads);
    let cold = |linking| -> Vec<&Run> {
        runs.iter().copied().filter(|run| run.cell.linking == linking && is_batch(&run.cold)).collect()
    };
    let parallelism = |run: &Run| run.cold.effective_parallelism().unwrap_or_default();
    let say = |run: &Run| {
        let Links { passes, max_concurrent, .. } = run.cold;
        format!(
            "{passes} {}, max_concurrent {max_concurrent}, effective parallelism {:.2} on {threads} threads",
            if passes == 1 { "pass" } else { "passes" },
            parallelism(run)
        )
    };
    let mut checks = Vec::new();
    let inline = cold(Linking::Inline);
    if !inline.is_empty() {
        checks.push(Check::each(
            "inline is a finding: degenerate_passes",
            &inline,
            |run| run.findings.contains(&"degenerate_passes".into()),
            |run| format!("{:?}; {}", run.findings, say(run)),
        ));
    }
    let one_pass = cold(Linking::OnePass);
    if !one_pass.is_empty() {
        let check = Check::each(
            "one-pass fills the pool",
            &one_pass,
            |run| parallelism(run) > 0.75 * threads && run.cold.max_concurrent == u64::from(results.threads),
            say,
        );
        // Without a disk that takes its time, links are work for processors, of which there may be fewer than threads.
        checks.push(if results.disk.latency.is_zero() { check.or_cannot_tell() } else { check });
    }
    checks
}

fn every_target(results: &Results) -> Check {
    let is_missing = |(cell, rounds): &&(Cell, u16)| results.of(*cell).count() != usize::from(*rounds);
    let (verdict, found) = match results.cells.iter().find(is_missing) {
        Some((cell, rounds)) => {
            (Verdict::Fails, format!("{cell} has {} of {rounds}", results.of(*cell).count()))
        }
        None => (
            Verdict::Holds,
            format!(
                "{} of them, {} each and more of what is compared",
                results.cells.len(),
                if results.rounds == 1 { "1 run".to_owned() } else { format!("{} runs", results.rounds) }
            ),
        ),
    };
    Check { name: "every target is reported".into(), verdict, found }
}

/// The reports that a gate reads are those of the runs that count.
fn no_warm_up(results: &Results, reports: &Path) -> Check {
    let lines = |cell: &Cell| {
        std::fs::read_to_string(super::bed::report_file(reports, *cell))
            .map_or(0, |text| text.lines().count())
    };
    let is_wrong = |(cell, rounds): &&(Cell, u16)| lines(cell) != usize::from(*rounds);
    let (verdict, found) = match results.cells.iter().find(is_wrong) {
        Some((cell, rounds)) => {
            (Verdict::Fails, format!("{cell} left {} reports of {rounds} runs", lines(cell)))
        }
        None => (Verdict::Holds, format!("{} reports", results.runs.len())),
    };
    Check { name: "warm-ups are in no figure and leave no report".into(), verdict, found }
}

#[cfg(test)]
#[path = "checks_tests.rs"]
mod tests;
