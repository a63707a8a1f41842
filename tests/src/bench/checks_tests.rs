//! Each check holds for an honest benchmark, and is seen failing for one that is not.

use super::super::bed::report_file;
use super::super::gates::Gates;
use super::super::options::BenchOptions;
use super::{Cell, Links, Run, Scenario, Target, Verdict, checked};
use crate::install::{Linking, SlowDisk};
use clap::Parser;
use concurrency_probe_gate::Judgement;
use concurrency_probe_gate::Verdict::{CannotTell, Fails, Holds};
use serde_json::json;
use std::path::Path;
use std::time::Duration;

const DISK: SlowDisk = SlowDisk { latency: Duration::from_millis(5) };

type Which = fn(&Run) -> bool;
type Breakage = fn(&mut Run);

#[derive(Parser)]
struct Options {
    #[command(flatten)]
    options: BenchOptions,
}

/// A benchmark in which everything is as it should be: as many rounds as are to be run, whose times vary a little.
fn honest(out: &Path) -> (BenchOptions, Vec<Run>) {
    let arguments = ["bench", "--packages", "2000", "--out"].map(Into::into).into_iter().chain([out.into()]);
    let Options { options } = Options::parse_from::<_, std::ffi::OsString>(arguments);
    let mut runs = Vec::new();
    for cell in options.cells() {
        let file = report_file(out, cell);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        let rounds = options.rounds_of(cell);
        std::fs::write(file, "{}\n".repeat(rounds.into())).unwrap();
        runs.extend((1..=rounds).map(|round| run(cell, round)));
    }
    (options, runs)
}

fn run(cell: Cell, round: u16) -> Run {
    let warm = match (cell.scenario, cell.target) {
        (Scenario::HotStore, _) | (Scenario::Fresh, Target::Pacquet) => 1998,
        (Scenario::Fresh, Target::Pnpr) => 500,
        _ => 0,
    };
    let is_bug = cell.linking == Linking::Inline;
    let overlaps = cell.linking.overlaps();
    let links = |items: u64| Links {
        passes: match cell.linking {
            _ if items == 0 => 0,
            Linking::Inline => items,
            Linking::Chunked => items.div_ceil(32),
            _ => 1,
        },
        items,
        linking_ns: 1_000_000,
        busy_ns: if overlaps { 3_900_000 } else { 1_000_000 },
        max_concurrent: if overlaps { 4 } else { 1 },
    };
    let (warm_links, cold_links) = (links(warm), links(1998 - warm));
    let pass = |label: &str, links: &Links| {
        json!({
            "label": label, "file": "f", "line": 1, "passes": links.passes, "items": links.items, "completed": links.items,
            "max_items": links.items / links.passes.max(1), "wall_ns": links.linking_ns, "busy_ns": links.busy_ns,
            "max_concurrent": links.max_concurrent, "threads": 4, "levels_ns": [0],
        })
    };
    // As in a report: a pass that never ran is not in it, and offloads are no passes.
    let passes = [("cold", &cold_links), ("warm", &warm_links)];
    let is_there = |(label, links): &&(&str, &Links)| {
        links.items > 0 && (*label == "warm" || cell.linking != Linking::OffloadEach)
    };
    let passes: Vec<_> = passes.iter().filter(is_there).map(|(label, links)| pass(label, links)).collect();
    let cold_label = if cell.linking == Linking::OffloadEach { "offload" } else { "cold" };
    let peak = |overlaps: bool| if overlaps { 4 } else { 1 };
    let batch = |label: &str, calls: u64, peak: u64| json!({ "label": label, "file": "f", "line": 1, "calls": calls, "max_in_flight": peak, "max_concurrent": peak });
    let batches = [batch(cold_label, 1998 - warm, peak(overlaps)), batch("warm", warm, 4)];
    // The lock of a convoy makes one thread of four.
    let link_cold =
        if cell.linking == Linking::Convoy { 4_000_000 } else { 1_000_000 } + u64::from(round) * 1000;
    let report = json!({
        "schema": "concurrency-probe/1", "scope": "install", "wall_ns": 1,
        "counts": {"warm": warm, "cold": 2000 - warm, "failed": 2, "linked": 1998},
        "phases": [{ "name": "link_cold", "total_ns": link_cold, "times": 1 }], "findings": [], "passes": passes,
        "probes": [{"name": "create_virtual_dir_by_snapshot", "file": "f", "line": 1, "calls": 1998, "in_flight": 0,
            "max_in_flight": 4, "max_concurrent": if warm == 0 { peak(overlaps) } else { 4 }, "unattributed": 0,
            "batches": batches}],
    });
    let wall = match (cell.target, cell.linking) {
        (Target::Pacquet, _) if cell.scenario != Scenario::FrozenLockfile => 1200,
        (_, Linking::Inline | Linking::Convoy | Linking::OffloadEach) => 1500,
        (_, Linking::OnePass) => 1000,
        (_, Linking::Streamed | Linking::Chunked) => 700,
    };
    let counts = [("warm", warm), ("cold", 2000 - warm), ("failed", 2), ("linked", 1998)];
    Run {
        cell,
        round,
        // Targets are not the same to the nanosecond: that would be a copy.
        wall_ns: (wall + u64::from(round)) * 1_000_000 + cell.target as u64 * 1000,
        counts: counts.map(|(name, n)| (name.to_owned(), n)).into(),
        phases_ns: [("download".to_owned(), 2_000_000)].into(),
        warm: warm_links,
        cold: cold_links,
        max_concurrent: 4,
        findings: if is_bug { vec!["degenerate_passes".into()] } else { Vec::new() },
        report: serde_json::from_value(report).unwrap(),
    }
}

/// With times of more than a minute, each of them.
#[test]
fn the_tables_fit_80_columns() {
    let out = tempfile::tempdir().unwrap();
    let (options, mut runs) = honest(out.path());
    let phases = ["resolve", "download", "create_virtual_store", "link_warm", "link_cold", "bins"];
    for run in &mut runs {
        run.wall_ns = 99_999_000_000 - run.wall_ns;
        run.phases_ns = phases.map(|phase| (phase.to_owned(), 99_999_000_000)).into();
    }
    let printed = checked(&options, runs, Duration::ZERO).to_string();
    let (tables, _) = printed.split_once("\nRatios are").unwrap();
    assert_eq!(tables.matches("scenario").count(), 4, "{tables}");
    assert!(tables.contains("pnpr / pacquet") && tables.contains("99999"), "{tables}");
    for line in tables.lines() {
        assert!(line.trim_end().chars().count() <= 80, "{line}\n{tables}");
    }
}

fn is_inline(run: &Run) -> bool {
    run.cell.linking == Linking::Inline && run.cold.items > 64
}

/// The checks that fail.
fn failing(options: &BenchOptions, runs: Vec<Run>) -> Vec<String> {
    let results = checked(options, runs, Duration::ZERO);
    let broken = results.checks.iter().filter(|check| check.verdict == Verdict::Fails);
    broken.map(|check| check.name.clone()).collect()
}

#[test]
fn an_honest_benchmark_holds_and_each_check_is_seen_failing() {
    let out = tempfile::tempdir().unwrap();
    let (options, runs) = honest(out.path());
    let results = checked(&options, runs.clone(), Duration::ZERO);
    let unsure: Vec<_> = results.checks.iter().filter(|check| check.verdict != Verdict::Holds).collect();
    assert!(unsure.is_empty() && results.broken().next().is_none(), "{unsure:?}");

    let of_server = |run: &Run| run.cell.scenario == Scenario::Fresh && run.cell.target == Target::Pnpr;
    let cases: [(&str, Which, Breakage); 10] = [
        (
            "every package of the project is accounted for",
            |_| true,
            |run| *run.counts.get_mut("cold").unwrap() -= 1,
        ),
        (
            "fresh: at least a tenth is cold",
            |run| run.cell.scenario == Scenario::Fresh && run.cell.target == Target::PnprCached,
            |run| run.counts.extend([("warm".into(), 1900), ("cold".into(), 100)]),
        ),
        ("fresh: with a streamed answer some", of_server, |run| {
            run.counts.extend([("warm".into(), 0), ("cold".into(), 2000)]);
        }),
        ("inline is a finding", is_inline, |run| run.findings.clear()),
        ("inline is caught by `conserve` alone", is_inline, |run| {
            run.report.passes[0].max_items = run.cold.items;
        }),
        ("inline is caught by `parallelism` alone", is_inline, |run| run.report.passes[0].busy_ns *= 2),
        ("inline is caught by `concurrent` alone", is_inline, |run| {
            run.report.probes[0].batches[0].max_concurrent = Some(2);
        }),
        (
            "offload-each is caught by `concurrent` alone",
            |run| run.cell.linking == Linking::OffloadEach,
            |run| run.report.probes[0].batches[0].max_concurrent = Some(2),
        ),
        ("one-pass fills the pool", |run| run.cell.linking == Linking::OnePass, |run| run.cold.busy_ns /= 2),
        (
            "one-pass fills the pool",
            |run| run.cell.linking == Linking::OnePass,
            |run| run.cold.max_concurrent = 3,
        ),
    ];
    for (name, is_hit, breakage) in cases {
        let mut broken = runs.clone();
        // One run of many is enough.
        let hit =
            broken.iter_mut().find(|run| is_hit(run) && (run.cold.items > 64 || !name.contains("pool")));
        breakage(hit.unwrap());
        let failing = failing(&options, broken);
        assert!(failing.iter().any(|check| check.starts_with(name)), "{name}: {failing:?}");
    }

    // What is not as it was where the bug was found is no failure, and is said.
    let mut warmer = runs.clone();
    warmer.iter_mut().filter(|run| of_server(run)).for_each(|run| {
        run.counts.extend([("warm".into(), 800), ("cold".into(), 1200)]);
    });
    let results = checked(&options, warmer, Duration::ZERO);
    let signature = results.checks.iter().find(|check| check.name.contains("70 to 80 %")).unwrap();
    assert_eq!(
        (signature.verdict, results.broken().next().is_none()),
        (Verdict::CannotTell, true),
        "{signature}"
    );

    // The rules that compare: the bug is as fast, and so is the lock.
    let mut fast = runs.clone();
    let inline = |run: &&mut Run| of_server(run) && run.cell.linking == Linking::Inline;
    fast.iter_mut().filter(inline).for_each(|run| run.wall_ns /= 2);
    assert_eq!(failing(&options, fast), ["inline is caught by `ratio` alone"]);
    let mut fast = runs.clone();
    let convoy = |run: &&mut Run| run.cell.linking == Linking::Convoy;
    fast.iter_mut().filter(convoy).for_each(|run| run.report.phases[0].total_ns /= 8);
    assert_eq!(failing(&options, fast), ["convoy is caught by `ratio` alone"]);

    let missing = runs.iter().filter(|run| run.cell.target != Target::Pnpr).cloned().collect();
    let failing_checks = failing(&options, missing);
    for name in ["every target is reported", "fresh: with a streamed answer"] {
        assert!(failing_checks.iter().any(|check| check.starts_with(name)), "{name}: {failing_checks:?}");
    }
    assert!(failing(&options, Vec::new()).len() > 3, "no data is never a pass");

    let with_a_warm_up = report_file(out.path(), runs[0].cell);
    std::fs::write(with_a_warm_up, "{}\n".repeat(1 + usize::from(options.rounds_of(runs[0].cell)))).unwrap();
    assert_eq!(failing(&options, runs), ["warm-ups are in no figure and leave no report"]);
}

/// The gates hold for an honest benchmark, and each of them is seen failing.
#[test]
fn each_gate_is_seen_failing() {
    let out = tempfile::tempdir().unwrap();
    let (_, runs) = honest(out.path());
    let gates = Gates::run(&runs, DISK, out.path()).unwrap();
    assert!(gates.hold(), "{gates}");
    assert!(out.path().join("gates/index.html").exists() && gates.to_string().contains("index.html"));

    // Each way of being broken, with the rules that must see it.
    let cases: [(Breakage, &[&str]); 7] = [
        (|run| *run.report.counts.get_mut("linked").unwrap() -= 1, &["every package", "every link"]),
        (
            |run| run.report.probes.clear(),
            &[
                "every link",
                "one-pass: cold links run",
                "streamed: cold links run",
                "chunked: cold links run",
            ],
        ),
        (
            |run| run.report.passes.iter_mut().for_each(|pass| pass.max_items = 1),
            &["one-pass, fresh: all", "streamed, fresh: all", "frozen: all", "hot: all"],
        ),
        (
            |run| run.report.passes.iter_mut().for_each(|pass| pass.busy_ns = pass.wall_ns),
            &["one-pass, fresh: links", "one-pass, frozen: links"],
        ),
        (
            |run| {
                let batches = run.report.probes.iter_mut().flat_map(|probe| &mut probe.batches);
                batches.for_each(|batch| batch.max_concurrent = Some(1));
            },
            &["one-pass: cold links run", "streamed: cold links run", "chunked: cold links run"],
        ),
        (
            |run| {
                let is_direct = run.cell.scenario == Scenario::Fresh && run.cell.target == Target::Pacquet;
                if is_direct {
                    run.report.counts.extend([
                        ("warm".into(), 1900),
                        ("cold".into(), 100),
                        ("linked".into(), 1998),
                    ]);
                }
            },
            &["fresh, direct: next to all is warm"],
        ),
        (
            |run| {
                if run.cell.scenario == Scenario::Fresh && run.cell.target == Target::Pnpr {
                    run.report.counts.extend([
                        ("warm".into(), 0),
                        ("cold".into(), 2000),
                        ("failed".into(), 2),
                    ]);
                    run.report.passes.iter_mut().for_each(|pass| pass.max_items = 1998);
                }
            },
            &["fresh, server: most is cold"],
        ),
    ];
    for (breakage, rules) in cases {
        let mut broken = runs.clone();
        broken.iter_mut().for_each(breakage);
        let gates = Gates::run(&broken, DISK, out.path()).unwrap();
        let red = |judged: &&Judgement| !matches!(judged.verdict, Holds | CannotTell { .. });
        let red: Vec<&str> = gates.judgements.iter().filter(red).map(|judged| judged.rule.as_str()).collect();
        assert!(!gates.hold() && red.len() == rules.len(), "{red:?}");
        assert!(rules.iter().all(|rule| red.iter().any(|red| red.starts_with(rule))), "{red:?}");
    }
    let slower = |is_slow: fn(&Cell) -> bool| {
        let mut slow = runs.clone();
        slow.iter_mut().filter(|run| is_slow(&run.cell)).for_each(|run| run.wall_ns *= 2);
        let gates = Gates::run(&slow, DISK, out.path()).unwrap();
        let fails = gates.judgements.iter().filter(|judged| judged.verdict == Fails);
        fails.map(|judged| judged.rule.clone()).collect::<Vec<_>>()
    };
    assert_eq!(slower(|_| false), [""; 0]);
    assert_eq!(
        slower(|cell| cell.target == Target::Pnpr),
        ["fresh: the server is no slower", "hot store: the server is no slower"]
    );
    assert_eq!(
        slower(|cell| cell.scenario == Scenario::FrozenLockfile && cell.linking == Linking::Streamed),
        ["frozen: streamed is no slower than one pass"]
    );
}

/// What a small or quick benchmark cannot tell is left out, and not red.
#[test]
fn a_rule_that_cannot_be_told_is_left_out() {
    let out = tempfile::tempdir().unwrap();
    let (_, runs) = honest(out.path());
    // A disk that takes no time says nothing of how parallel links are, nor of what a wrong way costs.
    let no_disk = SlowDisk::default();
    let mut quick = runs.clone();
    quick.iter_mut().flat_map(|run| &mut run.report.passes).for_each(|pass| pass.busy_ns = pass.wall_ns);
    let judged = Gates::run(&quick, no_disk, out.path()).unwrap();
    assert!(judged.hold() && !Gates::run(&quick, DISK, out.path()).unwrap().hold(), "{judged}");
    // A handful of cold packages may be linked one after another, however many are warm.
    let mut handful = runs.clone();
    for run in &mut handful {
        (run.cold.items, run.warm.items) = (3, 1995);
        run.report.passes.iter_mut().for_each(|pass| pass.busy_ns = pass.wall_ns);
        let batches = run.report.probes.iter_mut().flat_map(|probe| &mut probe.batches);
        batches.for_each(|batch| batch.max_concurrent = Some(1));
    }
    let judged = Gates::run(&handful, DISK, out.path()).unwrap();
    assert!(judged.hold(), "{judged}");
    // A few packages say nothing of times.
    let mut small = runs.clone();
    for run in &mut small {
        run.counts.extend([("warm".into(), 100), ("cold".into(), 100)]);
    }
    let judged = Gates::run(&small, DISK, out.path()).unwrap().judgements;
    assert!(judged.iter().all(|judged| !judged.rule.contains("slower")), "{judged:?}");
}
