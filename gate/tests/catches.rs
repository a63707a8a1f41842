//! What a gate must catch, each by a rule that is about it; and that it catches nothing in an honest benchmark.

use concurrency_probe_gate::{Config, Results, Run, Verdict, exit_code, judge};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::json;
use std::path::Path;

const RULES: &str = r#"
[[rule]]
name = "ratio"
why = "w"
kind = "ratio"
target = "pnpr"
over = "pacquet"
at_most = 1.05

[[rule]]
name = "conserve"
why = "w"
kind = "conserve"
sum = "counts.linked"
equals = "counts.warm + counts.cold - counts.failed"

[[rule]]
name = "items"
why = "w"
kind = "conserve"
sum = "passes.cold.items"
equals = "counts.cold - counts.failed"

[[rule]]
name = "batches"
why = "w"
kind = "metric"
metric = "passes.cold.passes"
at_most = 1

[[rule]]
name = "cold"
why = "w"
kind = "metric"
metric = "counts.cold"
of = "counts.warm + counts.cold"
at_least = 0.1

[[rule]]
name = "streamed"
why = "w"
kind = "metric"
target = "pnpr"
metric = "counts.streamed"
at_least = 1

[[rule]]
name = "parallelism"
why = "w"
kind = "parallelism"
pass = "cold"
at_least = 2

[[rule]]
name = "concurrent"
why = "w"
kind = "concurrent"
probe = "link"
at_least = 2
"#;

fn config(rules: &str) -> Config {
    Config::parse(rules, Path::new("gates.toml")).unwrap()
}

fn report(target: &str) -> serde_json::Value {
    json!({
        "schema": "concurrency-probe/1", "scope": "install", "wall_ns": 1000,
        "counts": {"warm": 312, "cold": 996, "failed": 2, "linked": 1306, "streamed": i32::from(target == "pnpr")},
        "phases": [{"name": "link", "total_ns": 500, "times": 1}],
        "probes": [{"name": "link", "file": "f", "line": 1, "calls": 1306, "in_flight": 0, "max_in_flight": 4,
            "max_concurrent": 4, "unattributed": 0}],
        "passes": [{"label": "cold", "file": "f", "line": 2, "passes": 1, "items": 994, "completed": 994,
            "max_items": 994, "wall_ns": 1000, "busy_ns": 3900, "max_concurrent": 4, "threads": 4,
            "levels_ns": [0, 0, 0, 100, 900]}],
        "findings": [],
    })
}

fn run(target: &str, round: u32, wall_ns: u64, report: serde_json::Value) -> Run {
    Run {
        target: target.into(),
        round,
        wall_ns,
        user_ns: None,
        system_ns: None,
        peak_bytes: None,
        report: Some(serde_json::from_value(report).unwrap()),
    }
}

/// Rounds of two targets, the second of which takes `ratio` times as long, with noise of 5 %.
fn benchmark(ratio: f64, rounds: u32, seed: u64) -> Results {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut runs = Vec::new();
    for round in 1..=rounds {
        for (target, ratio) in [("pacquet", 1.0), ("pnpr", ratio)] {
            // The sum of twelve is nearly normal.
            let normal: f64 = (0..12).map(|_| random.random::<f64>()).sum::<f64>() - 6.0;
            let wall = (1e9 * ratio * (0.05 / 2.0_f64.sqrt() * normal).exp()).round();
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "it is about a second"
            )]
            runs.push(run(target, round, wall as u64, report(target)));
        }
    }
    Results { schema: Results::SCHEMA.into(), runs }
}

/// The rules that do not hold.
fn caught(results: &Results) -> Vec<String> {
    let judgements = judge(&config(RULES), results, None);
    judgements.iter().filter(|j| j.verdict != Verdict::Holds).map(|j| j.rule.clone()).collect()
}

#[test]
fn an_honest_benchmark_passes_every_time() {
    for seed in 0..200 {
        let results = benchmark(0.6, 10, seed);
        assert_eq!(caught(&results), [""; 0], "seed {seed}");
        assert_eq!(exit_code(&judge(&config(RULES), &results, None)), 0);
    }
}

type Breakage = fn(&mut serde_json::Value);

#[test]
fn each_breakage_is_caught_by_the_rule_that_is_about_it() {
    let cases: [(&str, &[&str], Breakage); 8] = [
        // The bug: a pass for each package, one after another. Each of three rules sees it alone.
        ("inline links", &["batches", "parallelism", "concurrent"], |report| {
            let pass = &mut report["passes"][0];
            (pass["passes"], pass["max_items"], pass["busy_ns"]) = (994.into(), 1.into(), 1000.into());
            report["probes"][0]["max_concurrent"] = 1.into();
        }),
        ("a link that is lost", &["conserve"], |report| report["counts"]["linked"] = 1305.into()),
        ("everything was warmed", &["items", "cold"], |report| {
            report["counts"]["warm"] = 1308.into();
            report["counts"]["cold"] = 0.into();
        }),
        ("rows that are copies of direct ones", &["streamed"], |report| {
            report["counts"]["streamed"] = 0.into();
        }),
        ("a metric that was renamed", &["conserve", "items", "cold"], |report| {
            let counts = report["counts"].as_object_mut().unwrap();
            let cold = counts.remove("cold").unwrap();
            counts.insert("cold_packages".into(), cold);
        }),
        ("a mean of chunks that poses as a sum", &["items"], |report| {
            report["passes"][0]["items"] = 32.into();
        }),
        ("a probe that counts nothing", &["concurrent"], |report| report["probes"][0]["calls"] = 0.into()),
        ("a pass that is not there", &["items", "batches", "parallelism"], |report| {
            report["passes"] = json!([]);
        }),
    ];
    for (name, rules, breakage) in cases {
        let mut results = benchmark(0.6, 10, 1);
        // One run of twenty.
        let broken = &mut results.runs[5];
        let mut report = report(&broken.target);
        breakage(&mut report);
        broken.report = Some(serde_json::from_value(report).unwrap());
        assert_eq!(broken.target, "pnpr");
        assert_eq!(caught(&results), rules, "{name}");
    }
}

#[test]
fn what_is_missing_is_never_a_pass() {
    let without = |target: &str| {
        let mut results = benchmark(0.6, 10, 1);
        results.runs.retain(|run| run.target != target);
        results
    };
    assert_eq!(caught(&without("pnpr")), ["ratio", "streamed"]);
    assert_eq!(caught(&without("pacquet")), ["ratio"]);
    let empty = Results { schema: Results::SCHEMA.into(), runs: Vec::new() };
    assert_eq!(caught(&empty).len(), 8);
    assert_eq!(exit_code(&judge(&config(RULES), &empty, None)), 3);
    let mut silent = benchmark(0.6, 10, 1);
    silent.runs.iter_mut().for_each(|run| run.report = None);
    assert_eq!(caught(&silent).len(), 7, "all but the ratio");
}

/// The interval is what decides: of what is at the bound, hardly anything is called a failure; of what is clearly above it,
/// nearly everything is.
#[test]
fn false_alarms_are_rare_and_what_is_slower_is_seen() {
    let config = config(&RULES[..RULES.find("[[rule]]\nname = \"conserve\"").unwrap()]);
    let verdicts = |ratio: f64, rounds: u32| {
        let mut count = [0_u32; 3];
        for seed in 0..400 {
            let at = match judge(&config, &benchmark(ratio, rounds, seed), None)[0].verdict {
                Verdict::Holds => 0,
                Verdict::Fails => 1,
                _ => 2,
            };
            count[at] += 1;
        }
        count
    };
    // A fortieth is the stated rate on either side: 10 of 400. 22 would be seen once in a thousand times by chance.
    let [holds, fails, _] = verdicts(1.05, 10);
    assert!(holds <= 22 && fails <= 22, "at the bound {holds} hold and {fails} fail");
    let [holds, fails, _] = verdicts(1.15, 10);
    assert!(fails > 360 && holds == 0, "10 % above the bound {fails} of 400 fail");
    let [holds, fails, _] = verdicts(1.0, 40);
    assert!(holds > 360 && fails == 0, "5 % below the bound {holds} of 400 hold");
    let [holds, fails, unsure] = verdicts(1.15, 3);
    assert_eq!((holds, fails, unsure), (0, 0, 400), "three pairs tell nothing");
}

#[test]
fn copies_and_baselines() {
    let mut copies = benchmark(1.0, 10, 1);
    let walls: Vec<u64> = copies.of(Some("pacquet")).map(|run| run.wall_ns).collect();
    for (run, wall) in copies.runs.iter_mut().filter(|run| run.target == "pnpr").zip(walls) {
        run.wall_ns = wall;
    }
    let judgements = judge(&config(RULES), &copies, None);
    assert!(
        judgements[0].verdict == Verdict::Fails && judgements[0].found.contains("is a copy"),
        "{judgements:?}"
    );

    // A ratio of 0.6 hides a slowdown of 70 % under a bound of 1.05, and not under one that remembers.
    let ratchet = config(
        &RULES[..RULES.find("[[rule]]\nname = \"conserve\"").unwrap()]
            .replace("at_most = 1.05", "at_most = 1.05\nratchet = 1.1"),
    );
    let (before, slower) = (benchmark(0.6, 10, 1), benchmark(1.0, 10, 2));
    let verdict = |results: &Results, baseline| judge(&ratchet, results, baseline)[0].verdict;
    assert_eq!(verdict(&slower, Some(&before)), Verdict::Fails);
    assert_eq!(verdict(&benchmark(0.6, 10, 3), Some(&before)), Verdict::Holds);
    assert_eq!(verdict(&slower, None), Verdict::NoData);

    let delta =
        config("[[rule]]\nname = \"d\"\nwhy = \"w\"\nkind = \"delta\"\ntarget = \"pnpr\"\nat_most = 0.05");
    let verdict = |results: &Results, baseline| judge(&delta, results, baseline)[0].verdict;
    assert_eq!(verdict(&slower, Some(&before)), Verdict::Fails);
    let (now, then) = (benchmark(0.6, 40, 3), benchmark(0.6, 40, 4));
    assert_eq!(verdict(&now, Some(&then)), Verdict::Holds);
    assert_eq!(verdict(&slower, None), Verdict::NoData);
}

/// What is wrong in a configuration is said with the nearest that is right, and where.
#[test]
fn a_configuration_that_is_wrong_says_what_was_meant() {
    let rule = |text: &str| format!("[[rule]]\nname = \"r\"\nwhy = \"w\"\n{text}\n");
    let target = "[[target]]\nname = \"pnpr\"\ncommand = [\"x\"]\n";
    for (text, says) in [
        ("[run]\nrunz = 3".to_owned(), "gates.toml:2: `runz` is not known here; is it `runs`?"),
        ("[run]\nruns = 0".into(), "`runs` is 0, expected 1 to 10000"),
        ("[run]\ntimeout_s = nan".into(), "`timeout_s` is NaN"),
        ("[run".into(), "gates.toml:1: "),
        (target.repeat(2), "there are two targets `pnpr`"),
        ("[[target]]\nname = \"../x\"\ncommand = [\"x\"]".into(), "no name for a target"),
        ("[[target]]\nname = \"x\"\ncommand = []".into(), "has no command"),
        (rule("kind = \"ration\""), "is it `ratio`?"),
        (rule("kind = \"concurrent\"\nprobe = \"x\"\nat_least = 2\nat_leest = 3"), "is it `at_least`?"),
        (
            "[[rule]]\nname = \"r\"\nkind = \"conserve\"\nsum = \"counts.a\"\nequals = \"counts.b\"".into(),
            "`why`",
        ),
        (
            rule("kind = \"metric\"\nmetric = \"count.cold\"\nat_least = 1"),
            "there is no section `count`; is it `counts`?",
        ),
        (rule("kind = \"metric\"\nmetric = \"passes.cold.bussy_ns\"\nat_least = 1"), "is it `busy_ns`?"),
        (
            rule("kind = \"metric\"\nmetric = \"counts.a counts.b\"\nat_least = 1"),
            "no ` + ` or ` - ` before `counts.b`",
        ),
        (rule("kind = \"metric\"\nmetric = \"counts.a +\"\nat_least = 1"), "is no sum"),
        (rule("kind = \"metric\"\nmetric = \"counts.a\""), "it asks for nothing"),
        (rule("kind = \"metric\"\nmetric = \"counts.a\"\nat_least = 2\nat_most = 1"), "is more than"),
        (
            rule("kind = \"metric\"\nmetric = \"counts.a\"\nat_least = -1"),
            "expected a number that is not negative",
        ),
        (rule("kind = \"ratio\"\ntarget = \"a\"\nover = \"a\"\nat_most = 1"), "is always 1"),
        (rule("kind = \"ratio\"\ntarget = \"a\"\nover = \"b\"\nat_most = inf"), "`at_most` is inf"),
        (rule("kind = \"concurrent\"\nprobe = \"link\"\nat_least = 0"), "asks for nothing"),
        (rule("kind = \"conserve\"\nsum = \"counts.a\"\nequals = \"counts.a\""), "always equals itself"),
        (format!("{target}{}", rule("kind = \"delta\"\ntarget = \"pnpm\"\nat_most = 1")), "is it `pnpr`?"),
        (rule("kind = \"concurrent\"\nprobe = \"link\"\nat_least = 2").repeat(2), "there are two rules `r`"),
    ] {
        let error = Config::parse(&text, Path::new("gates.toml")).unwrap_err().to_string();
        assert!(error.contains(says) && error.starts_with("gates.toml"), "{text}\n{error}");
    }
    assert!(Config::parse(RULES, Path::new("gates.toml")).is_ok());
    assert!(Config::parse(concurrency_probe_gate::EXAMPLE, Path::new("gates.toml")).is_ok());
}
