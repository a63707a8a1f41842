//! Each check holds for an honest benchmark, and is seen failing for one that is not.

use super::super::bed::report_file;
use super::super::gates::Gates;
use super::super::options::BenchOptions;
use super::{Cell, Links, Run, Scenario, Target, Verdict, checked};
use crate::install::Linking;
use clap::Parser;
use concurrency_probe_gate::Judgement;
use concurrency_probe_gate::Verdict::{CannotTell, Fails, Holds};
use serde_json::json;
use std::path::Path;
use std::time::Duration;

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
        (Scenario::HotStore, _) => 1998,
        (Scenario::Fresh, Target::Pacquet | Target::Pnpr) => 50,
        _ => 0,
    };
    let links = |items: u64, is_bug: bool| Links {
        passes: if is_bug { items } else { 1 },
        items,
        linking_ns: 1_000_000,
        busy_ns: if is_bug { 1_000_000 } else { 3_900_000 },
        max_concurrent: if is_bug { 1 } else { 4 },
    };
    let is_bug = cell.linking == Linking::Inline;
    let (warm_links, cold_links) = (links(warm, false), links(1998 - warm, is_bug));
    let pass = |label: &str, links: &Links| {
        json!({
            "label": label, "file": "f", "line": 1, "passes": links.passes, "items": links.items, "completed": links.items,
            "max_items": links.items / links.passes.max(1), "wall_ns": links.linking_ns, "busy_ns": links.busy_ns,
            "max_concurrent": links.max_concurrent, "threads": 4, "levels_ns": [0],
        })
    };
    // As in a report: a pass that never ran is not in it.
    let passes = [("cold", &cold_links), ("warm", &warm_links)];
    let passes: Vec<_> =
        passes.iter().filter(|(_, links)| links.items > 0).map(|(label, links)| pass(label, links)).collect();
    let report = json!({
        "schema": "concurrency-probe/1", "scope": "install", "wall_ns": 1,
        "counts": {"warm": warm, "cold": 2000 - warm, "failed": 2, "linked": 1998},
        "phases": [], "findings": [], "passes": passes,
        "probes": [{"name": "create_virtual_dir_by_snapshot", "file": "f", "line": 1, "calls": 1998, "in_flight": 0,
            "max_in_flight": 4, "max_concurrent": if is_bug && warm == 0 { 1 } else { 4 }, "unattributed": 0}],
    });
    let wall = match cell.linking {
        Linking::Inline => 1500,
        Linking::OnePass => 1000,
        Linking::Streamed if cell.scenario == Scenario::HotStore => 1000,
        Linking::Streamed => 700,
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
    assert!(unsure.is_empty() && results.hold(), "{unsure:?}");

    let is = |run: &Run, linking| run.cell.linking == linking && run.cell.scenario != Scenario::HotStore;
    let cases: [(&str, Which, Breakage); 9] = [
        ("every package of the project is there", |_| true, |run| *run.counts.get_mut("cold").unwrap() -= 1),
        (
            "fresh: at least a tenth is cold",
            |run| run.cell.scenario == Scenario::Fresh && run.cell.target == Target::PnprCached,
            |run| run.counts.extend([("warm".into(), 1900), ("cold".into(), 100)]),
        ),
        (
            "fresh: with a streamed answer",
            |run| run.cell.scenario == Scenario::Fresh && run.cell.target == Target::Pnpr,
            |run| run.counts.extend([("warm".into(), 0), ("cold".into(), 2000)]),
        ),
        ("inline is a finding", |run| run.cell.linking == Linking::Inline, |run| run.findings.clear()),
        ("inline is caught by `conserve` alone", is_inline, |run| {
            run.report.passes[0].max_items = run.cold.items;
        }),
        ("inline is caught by `parallelism` alone", is_inline, |run| run.report.passes[0].busy_ns *= 2),
        (
            "inline is caught by `concurrent` alone",
            |run| is_inline(run) && run.warm.items == 0,
            |run| run.report.probes[0].max_concurrent = Some(2),
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

    let mut slow = runs.clone();
    slow.iter_mut().filter(|run| is(run, Linking::Streamed)).for_each(|run| run.wall_ns *= 2);
    assert_eq!(failing(&options, slow).len(), 5, "streamed is slower in all but hot-store");
    let mut slow = runs.clone();
    let hot =
        |run: &&mut Run| run.cell.scenario == Scenario::HotStore && run.cell.linking == Linking::Streamed;
    slow.iter_mut().filter(hot).for_each(|run| run.wall_ns = run.wall_ns * 110 / 100);
    assert_eq!(failing(&options, slow).len(), 3, "streamed is slower in hot-store");

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

/// A machine that is too noisy to tell is none that fails.
#[test]
fn one_round_cannot_tell_which_is_faster() {
    let out = tempfile::tempdir().unwrap();
    let (mut options, mut runs) = honest(out.path());
    options.runs = 1;
    runs.retain(|run| run.round <= options.rounds_of(run.cell));
    for cell in options.cells() {
        std::fs::write(report_file(out.path(), cell), "{}\n".repeat(options.rounds_of(cell).into())).unwrap();
    }
    let results = checked(&options, runs, Duration::ZERO);
    assert!(results.hold());
    assert!(results.checks.iter().any(|check| check.verdict == Verdict::CannotTell));
}

/// The gates hold for an honest benchmark, and each of them is seen failing.
#[test]
fn each_gate_is_seen_failing() {
    let out = tempfile::tempdir().unwrap();
    let (_, runs) = honest(out.path());
    let gates = Gates::run(&runs, out.path()).unwrap();
    assert!(gates.hold(), "{gates}");
    assert!(out.path().join("gates/index.html").exists() && gates.to_string().contains("index.html"));

    // Each way of being broken, with the rules that must see it.
    let cases: [(Breakage, &[&str]); 5] = [
        (|run| *run.report.counts.get_mut("linked").unwrap() -= 1, &["every package", "every link"]),
        (|run| run.report.probes.clear(), &["every link", "one-pass: links run", "streamed: links run"]),
        (
            |run| run.report.passes.iter_mut().for_each(|pass| pass.max_items = 1),
            &["one-pass, fresh: all", "streamed, fresh: all", "frozen: all", "hot: all"],
        ),
        (
            |run| run.report.passes.iter_mut().for_each(|pass| pass.busy_ns = pass.wall_ns),
            &["one-pass, fresh: links", "one-pass, frozen: links"],
        ),
        (
            |run| run.report.probes.iter_mut().for_each(|probe| probe.max_concurrent = Some(1)),
            &["one-pass: links run", "streamed: links run"],
        ),
    ];
    for (breakage, rules) in cases {
        let mut broken = runs.clone();
        broken.iter_mut().for_each(breakage);
        let gates = Gates::run(&broken, out.path()).unwrap();
        let red = |judged: &&Judgement| !matches!(judged.verdict, Holds | CannotTell { .. });
        let red: Vec<&str> = gates.judgements.iter().filter(red).map(|judged| judged.rule.as_str()).collect();
        assert!(!gates.hold() && red.len() == rules.len(), "{red:?}");
        assert!(rules.iter().all(|rule| red.iter().any(|red| red.starts_with(rule))), "{red:?}");
    }
    let slower = |(is_slow, factor): (fn(&Cell) -> bool, u64)| {
        let mut many = Vec::new();
        for round in 1..=10 {
            many.extend(runs.iter().filter(|run| run.round == 1).cloned().map(|mut run| {
                let noise = u64::from(round) * if is_slow(&run.cell) { 1_000_000 } else { 1_100_000 };
                (run.round, run.wall_ns) =
                    (round, run.wall_ns * if is_slow(&run.cell) { factor } else { 1 } + noise);
                run
            }));
        }
        let gates = Gates::run(&many, out.path()).unwrap();
        let fails = gates.judgements.iter().filter(|judged| judged.verdict == Fails);
        fails.map(|judged| judged.rule.clone()).collect::<Vec<_>>()
    };
    assert_eq!(slower((|_| false, 1)), [""; 0]);
    assert_eq!(slower((|cell| cell.target == Target::Pnpr, 2)), ["fresh: the server is no slower"]);
    assert_eq!(
        slower((|cell| cell.linking == Linking::Streamed, 2)),
        ["frozen: streamed is no slower than one pass"]
    );
}
