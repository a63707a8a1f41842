//! All checks: what must hold in a benchmark, whatever the times are.

use super::cell::{Cell, Scenario, Target};
use super::check::{Check, Verdict};
use super::gates::bug_is_caught;
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
            "every package of the project is there",
            &runs,
            |run| run.count("warm") + run.count("cold") == u64::from(results.packages),
            |run| format!("{} of {}", run.count("warm") + run.count("cold"), results.packages),
        ),
    ];
    let counts = |run: &Run| format!("warm={} cold={}", run.count("warm"), run.count("cold"));
    if results.cells.iter().any(|(cell, _)| cell.scenario == Scenario::Fresh) {
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
    checks.extend(bug_is_caught(&results.runs));
    checks
}

/// A small project may be downloaded before it is resolved: then there is nothing to tell of it.
fn if_large(results: &Results, check: Check) -> Check {
    let has_runs = results.cells.iter().any(|(cell, _)| results.of(*cell).next().is_some());
    if results.packages < LARGE && has_runs { check.or_cannot_tell() } else { check }
}

/// From so many packages on their downloads take longer than their resolution, on any network that is like one.
const LARGE: u16 = 1000;

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
            "{passes} passes, max_concurrent {max_concurrent}, effective parallelism {:.2} on {threads} threads",
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
        checks.push(if results.link_latency_ms == 0 { check.or_cannot_tell() } else { check });
    }
    if results.has(Linking::OnePass) && results.has(Linking::Streamed) {
        checks
            .extend(results.rows().into_iter().map(|(scenario, target)| streamed(results, scenario, target)));
    }
    checks
}

/// Where two do the same, one of them is slower by a little in half of all benchmarks. Without a margin every fortieth
/// comparison would fail for nothing.
const MARGIN: f64 = 0.05;

/// Streamed is as fast as one pass, and faster where there is something to overlap.
fn streamed(results: &Results, scenario: Scenario, target: Target) -> Check {
    let cell = |linking| Cell { scenario, target, linking };
    let ratio = results.ratio(cell(Linking::Streamed), cell(Linking::OnePass));
    let total = |value: fn(&Run) -> u64| results.of(cell(Linking::OnePass)).map(value).sum::<u64>();
    let download = total(|run| run.phases_ns.get("download").copied().unwrap_or_default());
    let links = total(|run| run.cold.linking_ns);
    // Where a package or two are cold, there is nothing to overlap.
    let is_batch = total(|run| run.cold.items) > 16 * u64::from(results.threads) * u64::from(results.rounds);
    let is_download_longer = is_batch && download > links;
    let (name, verdict) = if is_download_longer {
        let verdict = match ratio {
            Some(ratio) if ratio.is_below(1.0) => Verdict::Holds,
            Some(ratio) if ratio.is_above(1.0) => Verdict::Fails,
            _ => Verdict::CannotTell,
        };
        ("faster than one-pass, as downloads take longer than links", verdict)
    } else {
        let verdict = match ratio {
            Some(ratio) if ratio.is_above(1.0 + MARGIN) => Verdict::Fails,
            Some(ratio) if ratio.is_below(1.0 + MARGIN) => Verdict::Holds,
            _ => Verdict::CannotTell,
        };
        ("no slower than one-pass, but for 5 %", verdict)
    };
    Check {
        name: format!("{} {}: streamed is {name}", scenario.name(), target.name()),
        verdict,
        found: ratio
            .map_or_else(|| "there are no pairs of runs".into(), |ratio| format!("{ratio} times as long")),
    }
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
                "{} of them, {} runs each and more of what is compared",
                results.cells.len(),
                results.rounds
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
