//! What a gate must catch, each by a rule that is about it; and that it catches nothing in an honest benchmark.

#[path = "../examples/catches/benchmark.rs"]
mod benchmark;
#[path = "../examples/catches/breakages.rs"]
mod breakages;
#[path = "../examples/catches/noise.rs"]
mod noise;
#[path = "../examples/catches/power.rs"]
mod power;
#[cfg(unix)]
#[path = "../examples/catches/sessions.rs"]
#[expect(dead_code, reason = "the example builds the program, and cargo does for a test")]
mod sessions;

use benchmark::{benchmark, in_blocks, noisy, report, run};
use breakages::{BREAKAGES, INVALID_REPORTS, InvalidReport, RULES, config, judge_alone, line};
use concurrency_probe_gate::{
    Asks, Config, Metric, ReportLine, Results, Statistic, Verdict, exit_code, judge, warnings,
};
use noise::Noise;
use power::{count, rule, sequential, verdicts};
use serde_json::{Value, json};
use std::path::Path;

fn parse(rules: &str) -> Config {
    Config::parse(rules, Path::new("gates.toml")).unwrap()
}

/// The first of the rules, with a text in it replaced.
fn ratio_rule(from: &str, to: &str) -> Config {
    parse(&RULES[..RULES.find("[[rule]]\nname = \"conserve").unwrap()].replace(from, to))
}

#[test]
fn an_honest_benchmark_passes_every_time() {
    for seed in 0..200 {
        let results = benchmark(0.6, 10, seed);
        let judgements = judge(&config(), &results, None);
        assert_eq!(exit_code(&results, &judgements), 0, "seed {seed}: {judgements:?}");
    }
}

#[test]
fn each_breakage_is_caught_by_each_rule_that_is_about_it_alone() {
    for breakage in BREAKAGES {
        let results = (breakage.results)();
        let judgements: Vec<_> =
            config().rules.iter().map(|rule| judge_alone(&rule.name, &results)).collect();
        let caught: Vec<_> = judgements.iter().filter(|judged| judged.verdict != Verdict::Holds).collect();
        let rules: Vec<_> = caught.iter().map(|judged| judged.rule.as_str()).collect();
        assert_eq!(rules, breakage.rules, "{}", breakage.name);
        assert_ne!(exit_code(&results, &judge(&config(), &results, None)), 0, "{}", breakage.name);
    }
}

#[test]
fn an_invalid_report_never_becomes_a_number() {
    assert!(ReportLine::parse(line().as_bytes()).is_ok());
    for InvalidReport { name, text } in INVALID_REPORTS {
        assert!(ReportLine::parse(text().as_bytes()).is_err(), "{name}");
    }
}

/// The interval is what decides: of what is at the bound, hardly anything is called a failure; of what is clearly above it,
/// nearly everything is.
#[test]
fn false_alarms_are_rare_and_what_is_slower_is_seen() {
    let by_mean = |ratio, rounds| verdicts(Noise::Normal, Statistic::Mean, ratio, rounds, 400);
    // A fortieth is the stated rate on either side: 10 of 400. 22 would be seen once in a thousand times by chance.
    let [holds, fails] = by_mean(1.0, 10);
    assert!(holds <= 22 && fails <= 22, "at the bound {holds} hold and {fails} fail");
    let [holds, fails] = by_mean(1.1, 10);
    assert!(fails > 360 && holds == 0, "10 % above the bound {fails} of 400 fail");
    let [holds, fails] = by_mean(0.95, 40);
    assert!(holds > 360 && fails == 0, "5 % below the bound {holds} of 400 hold");
    assert_eq!(by_mean(1.1, 3), [0, 0], "three pairs tell nothing");
}

/// The stated rate holds whatever the noise is, as long as rounds do not depend on each other; by the median, and however often it is looked
/// at, too.
#[test]
fn false_alarms_are_as_rare_as_is_said() {
    // 7 of 300 is the stated rate; 21 would be seen once in a hundred thousand times by chance.
    const MOST: u64 = 20;
    for noise in Noise::ALL.into_iter().filter(|noise| noise.is_as_assumed()) {
        for statistic in [Statistic::Mean, Statistic::Median] {
            for [holds, fails] in [
                verdicts(noise, statistic, 1.0, 8, 300),
                verdicts(noise, statistic, 1.0, 16, 300),
                sequential(noise, statistic, 1.0, 24, 300),
            ] {
                assert!(
                    holds <= MOST && fails <= MOST,
                    "{noise:?}, {statistic:?}: {holds} hold, {fails} fail"
                );
            }
        }
    }
    // The check sees one that is wrong: whoever looks again and again at intervals that are made for one look.
    let config = rule(Statistic::Mean);
    let [_, fails] = count(300, |seed| {
        let all = noisy(Noise::Normal, 1.0, 48, seed);
        let verdicts =
            (5..=48).step_by(4).map(|rounds| judge(&config, &all.up_to_round(rounds), None)[0].verdict);
        verdicts.into_iter().find(|verdict| *verdict == Verdict::Fails).unwrap_or(Verdict::NoData)
    });
    assert!(fails > MOST, "looking again and again fails {fails} of 300");
}

/// Rounds that depend on each other are said to, as the rate does not hold for them.
#[test]
fn rounds_that_depend_on_each_other_are_warned_of() {
    let config = rule(Statistic::Mean);
    let warned = |noise| {
        let says = |seed: &u64| {
            judge(&config, &noisy(noise, 1.0, 40, *seed), None)[0]
                .found
                .contains("resembles the one before it")
        };
        (0..50).filter(says).count()
    };
    assert!(warned(Noise::Autocorrelated) > 42);
    assert!(warned(Noise::Normal) < 8 && warned(Noise::Drifting) < 8);
    // By 15 to 21 % it is wrong without a word.
    let [_, fails] = verdicts(Noise::Autocorrelated, Statistic::Mean, 1.0, 40, 200);
    assert!(fails > 20, "{fails} of 200");
}

/// Equal programs that were run in blocks, as hyperfine runs them, are not called different because the machine became slower.
#[test]
fn blocks_are_not_taken_for_pairs() {
    let config = rule(Statistic::Mean);
    let failing = |noise, ratio| {
        count(400, |seed| judge(&config, &in_blocks(noise, ratio, 10, seed), None)[0].verdict)[1]
    };
    assert!(failing(Noise::Normal, 1.0) <= 22);
    // 5 % from one block to the other.
    assert!(failing(Noise::Drifting, 1.0) <= 22);
    assert!(failing(Noise::Normal, 1.2) > 300, "a large difference is seen");
    let judged = judge(&config, &in_blocks(Noise::Normal, 1.2, 10, 1), None).remove(0);
    assert!(judged.found.contains("not by pairs, as each was run in a block"), "{judged:?}");
    let few = judge(&config, &in_blocks(Noise::Normal, 1.2, 9, 1), None).remove(0);
    assert_eq!(few.verdict, Verdict::CannotTell { more: 1 }, "{few:?}");
}

/// A baseline is a sample as well: that of few pairs is not taken for exact.
#[test]
fn a_ratchet_knows_that_its_baseline_is_noisy() {
    let mut config = rule(Statistic::Mean);
    if let Asks::Ratio { at_most, ratchet, .. } = &mut config.rules[0].asks {
        (*at_most, *ratchet) = (2.0, Some(1.0));
    }
    // Nothing has changed: at the bound, with 5 pairs against 20.
    let [_, fails] = count(400, |seed| {
        judge(&config, &benchmark(0.6, 20, seed), Some(&benchmark(0.6, 5, 10_000 + seed)))[0].verdict
    });
    assert!(fails <= 25, "{fails} of 400 false alarms");
    let [_, fails] = count(100, |seed| {
        judge(&config, &benchmark(0.8, 20, seed), Some(&benchmark(0.6, 5, 10_000 + seed)))[0].verdict
    });
    assert!(fails > 90, "a third more is seen: {fails} of 100");
}

/// Only exact times that agree are a copy. A count may rightly be the same, and so may a time that was rounded.
#[test]
fn what_is_equal_is_no_copy_unless_it_is_exact() {
    let with = |metric: &str, counts: u64, step: u64| {
        let runs = (1..=6).flat_map(|round| {
            ["pacquet", "pnpr"].map(|target| {
                let mut report = report(target);
                report["counts"]["requests"] = counts.into();
                report["wall_ns"] = (1_000_000_000 + u64::from(round) * step).into();
                run(target, round, 1_000_000_000 + u64::from(round) * step, report)
            })
        });
        let rule = format!(
            "[[rule]]\nname = \"r\"\nwhy = \"w\"\nkind = \"ratio\"\ntarget = \"pnpr\"\nover = \"pacquet\"\nmetric = \"{metric}\"\nat_most = 1.0"
        );
        judge(&parse(&rule), &Results::of_runs(runs.collect()), None).remove(0)
    };
    for (metric, step, is_copy) in [
        ("counts.requests", 7, false),
        ("wall_ns", 7, true),
        ("report_ns", 7, true),
        ("wall_ns", 1_000_000, false),
        ("report_ns", 1_000_000, false),
    ] {
        let judged = with(metric, 100, step);
        assert_eq!(judged.verdict == Verdict::Fails, is_copy, "{metric}, {step}: {judged:?}");
        assert_eq!(judged.found.contains("is a copy"), is_copy, "{metric}, {step}: {judged:?}");
    }
}

/// One run that took five times as long is named, and does not hide the others from the median.
#[test]
fn an_outlier_is_named() {
    let mut results = benchmark(1.1, 20, 1);
    assert_eq!(warnings(&results), [""; 0]);
    let run = results.runs.iter_mut().find(|run| run.target == "pnpr" && run.round == 7).unwrap();
    run.wall_ns *= 5;
    let warned = warnings(&results);
    assert!(warned.len() == 1 && warned[0].starts_with("pnpr has outliers: round 7 took "), "{warned:?}");
    let verdict = |statistic| judge(&rule(statistic), &results, None)[0].verdict;
    assert_eq!(verdict(Statistic::Median), Verdict::Fails);
}

/// A rule about a time is decided on its mean, of each target that it is about.
#[test]
fn a_time_is_judged_by_its_interval() {
    let rule = |target: &str, bounds: &str| {
        parse(&format!(
            "[[rule]]\nname = \"t\"\nwhy = \"w\"\nkind = \"metric\"\n{target}metric = \"wall_ns\"\n{bounds}"
        ))
    };
    let results = benchmark(0.6, 10, 1);
    for (target, bounds, verdict) in [
        ("", "at_most = 1.1e9", Verdict::Holds),
        ("", "at_most = 0.9e9", Verdict::Fails),
        ("", "at_least = 0.9e9", Verdict::Fails),
        ("target = \"pnpr\"\n", "at_most = 0.9e9", Verdict::Holds),
        ("target = \"pa*\"\n", "at_least = 0.9e9\nat_most = 1.1e9", Verdict::Holds),
        ("target = \"p*\"\n", "at_least = 0.5e9\nat_most = 1.1e9", Verdict::Holds),
        ("target = \"pm*\"\n", "at_most = 1.1e9", Verdict::NoData),
    ] {
        let judged = judge(&rule(target, bounds), &results, None).remove(0);
        assert_eq!(judged.verdict, verdict, "{target}{bounds}: {judged:?}");
    }
    // Within the noise.
    let judged = judge(&rule("target = \"pacquet\"\n", "at_most = 1.0e9"), &results, None).remove(0);
    assert!(matches!(judged.verdict, Verdict::CannotTell { .. }), "{judged:?}");
    let judged = judge(&rule("", "at_most = 2e9"), &benchmark(0.6, 3, 1), None).remove(0);
    assert_eq!(judged.verdict, Verdict::CannotTell { more: 2 });
}

/// An offload has the label of the pass that it is sent in. What is said of the one is nothing about the other.
#[test]
fn a_pass_and_offloads_of_its_label_are_told_apart() {
    let row = |kind: &str, label: &str, busy: u64| {
        json!({"kind": kind, "label": label, "file": "f", "line": 1, "passes": 1, "items": 8, "completed": 8,
            "max_items": 8, "wall_ns": 100, "busy_ns": busy, "cpu_ns": 90, "max_concurrent": busy / 100, "threads": 4,
            "levels_ns": []})
    };
    let results = |passes: Vec<Value>| {
        let mut report = report("pnpr");
        report["passes"] = passes.into();
        Results::of_runs(vec![run("pnpr", 1, 1000, report)])
    };
    let overlap = "kind = \"parallelism\"\npass = \"cold\"\nat_least = 2";
    let items = "kind = \"metric\"\nmetric = \"passes.cold.items\"\nat_most = 8";
    let peak = "kind = \"metric\"\nmetric = \"passes.cold.max_concurrent\"\nat_least = 2";
    let sent = "kind = \"metric\"\nmetric = \"offloads.cold.items\"\nat_most = 8";
    let sent_peak = "kind = \"metric\"\nmetric = \"offloads.cold.max_concurrent\"\nat_least = 2";
    let (holds, fails, no_data) = (Verdict::Holds, Verdict::Fails, Verdict::NoData);
    for (name, passes, verdicts) in [
        (
            "a serial pass, parallel offloads",
            vec![row("pass", "cold", 100), row("offload", "cold", 400)],
            [fails, holds, fails, holds, holds],
        ),
        (
            "a parallel pass, serial offloads",
            vec![row("offload", "cold", 100), row("pass", "cold", 400)],
            [holds, holds, holds, holds, fails],
        ),
        ("no pass", vec![row("offload", "cold", 400)], [no_data, no_data, no_data, holds, holds]),
        (
            "no offload",
            vec![row("pass", "cold", 400), row("offload", "warm", 400)],
            [holds, holds, holds, no_data, no_data],
        ),
        (
            "two places each",
            vec![row("pass", "cold", 400), row("pass", "cold", 100), row("offload", "cold", 100)],
            [holds, fails, holds, holds, fails],
        ),
    ] {
        let results = results(passes);
        let found = [overlap, items, peak, sent, sent_peak].map(|asks| {
            let rule = parse(&format!("[[rule]]\nname = \"r\"\nwhy = \"w\"\n{asks}"));
            judge(&rule, &results, None).remove(0).verdict
        });
        assert_eq!(found, verdicts, "{name}");
    }
    let says = |asks: &str, passes: Vec<Value>| {
        let rule = parse(&format!("[[rule]]\nname = \"r\"\nwhy = \"w\"\n{asks}"));
        judge(&rule, &results(passes), None).remove(0).found
    };
    assert_eq!(
        says(overlap, vec![row("pass", "warm", 1), row("offload", "cold", 1)]),
        "pnpr, round 1: there is no pass `cold`; there are `warm`; offloads have this label: `offloads.cold.busy_ns`"
    );
    assert_eq!(
        says(sent, vec![row("pass", "cold", 1)]),
        "pnpr, round 1: there is no offload `cold`, and no other; passes have this label: `passes.cold.items`"
    );
}

/// What a report gets is a number that a rule can ask for.
#[test]
fn every_number_of_a_probe_and_of_a_pass_is_a_metric() {
    let report = report("pnpr");
    let pnpr = run("pnpr", 1, 1000, report.clone());
    for (section, row) in [
        ("probes.link", &report["probes"][0]),
        ("passes.cold", &report["passes"][0]),
        ("offloads.cold", &report["passes"][1]),
    ] {
        for (field, value) in row.as_object().unwrap().iter().filter(|(field, _)| *field != "line") {
            let Some(number) = value.as_f64() else { continue };
            let metric: Metric = format!("{section}.{field}").parse().unwrap();
            assert_eq!(metric.total(&pnpr, None), Ok(number), "{metric}");
            assert_eq!(metric.is_time(), field.ends_with("_ns"), "{metric}");
        }
    }
    let mut unmeasured = report;
    unmeasured["passes"][0]["cpu_ns"] = Value::Null;
    let cpu: Metric = "passes.cold.cpu_ns".parse().unwrap();
    assert_eq!(
        cpu.total(&run("pnpr", 1, 1000, unmeasured), None),
        Err("the `cpu_ns` of pass `cold` was not measured".into())
    );
}

#[test]
fn what_a_baseline_remembers() {
    // A ratio of 0.6 hides a slowdown of 70 % under a bound of 1.05, and not under one that remembers.
    let ratchet = ratio_rule("at_most = 1.0", "at_most = 1.05\nratchet = 1.1");
    let (before, slower) = (benchmark(0.6, 10, 1), benchmark(1.0, 10, 2));
    let verdict = |results: &Results, baseline| judge(&ratchet, results, baseline)[0].verdict;
    assert_eq!(verdict(&slower, Some(&before)), Verdict::Fails);
    assert_eq!(verdict(&benchmark(0.6, 10, 3), Some(&before)), Verdict::Holds);
    assert_eq!(verdict(&slower, None), Verdict::NoData);

    let delta =
        parse("[[rule]]\nname = \"d\"\nwhy = \"w\"\nkind = \"delta\"\ntarget = \"pnpr\"\nat_most = 0.05");
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
        ("[run]\nrunz = 3".to_owned(), "gates.toml:2: `runz` is not known here; did you mean `runs`?"),
        ("[run]\nruns = 0".into(), "`runs` is 0, expected 1 to 10000"),
        ("[run]\ntimeout_s = nan".into(), "`timeout_s` is NaN"),
        ("[run".into(), "gates.toml:1: "),
        (target.repeat(2), "there are two targets `pnpr`"),
        (
            "[[target]]\nname = \"../x\"\ncommand = [\"x\"]".into(),
            "invalid target name `../x`: expected letters",
        ),
        ("[[target]]\nname = \"x\"\ncommand = []".into(), "has no command"),
        (rule("kind = \"ration\""), "did you mean `ratio`?"),
        (
            rule("kind = \"concurrent\"\nprobe = \"x\"\nat_least = 2\nat_leest = 3"),
            "did you mean `at_least`?",
        ),
        (
            "[[rule]]\nname = \"r\"\nkind = \"conserve\"\nsum = \"counts.a\"\nequals = \"counts.b\"".into(),
            "`why`",
        ),
        (
            rule("kind = \"metric\"\nmetric = \"count.cold\"\nat_least = 1"),
            "there is no section `count`; did you mean `counts`?",
        ),
        (
            rule("kind = \"metric\"\nmetric = \"offload.cold.items\"\nat_least = 1"),
            "there is no section `offload`; did you mean `offloads`?",
        ),
        (
            rule("kind = \"metric\"\nmetric = \"passes.cold.bussy_ns\"\nat_least = 1"),
            "did you mean `busy_ns`?",
        ),
        (
            rule("kind = \"metric\"\nmetric = \"counts.a counts.b\"\nat_least = 1"),
            "no ` + ` or ` - ` before `counts.b`",
        ),
        (
            rule("kind = \"metric\"\nmetric = \"counts.a +\"\nat_least = 1"),
            "invalid sum `counts.a +`: expected one like",
        ),
        (rule("kind = \"metric\"\nmetric = \"counts.a\""), "it has no bound: give `at_least` or `at_most`"),
        (rule("kind = \"metric\"\nmetric = \"counts.a\"\nat_least = 2\nat_most = 1"), "is more than"),
        (
            rule("kind = \"metric\"\nmetric = \"counts.a\"\nat_least = -1"),
            "expected a number that is not negative",
        ),
        (rule("kind = \"ratio\"\ntarget = \"a\"\nover = \"a\"\nat_most = 1"), "is always 1"),
        (rule("kind = \"ratio\"\ntarget = \"a\"\nover = \"b\"\nat_most = inf"), "`at_most` is inf"),
        (rule("kind = \"concurrent\"\nprobe = \"link\"\nat_least = 0"), "`at_least = 0` always holds"),
        (rule("kind = \"conserve\"\nsum = \"counts.a\"\nequals = \"counts.a\""), "always equals itself"),
        (
            rule("kind = \"ratio\"\ntarget = \"a*\"\nover = \"b\"\nat_most = 1"),
            "`a*` may be several targets, expected one",
        ),
        (
            format!("{target}{}", rule("kind = \"delta\"\ntarget = \"pnpm\"\nat_most = 1")),
            "did you mean `pnpr`?",
        ),
        (rule("kind = \"concurrent\"\nprobe = \"link\"\nat_least = 2").repeat(2), "there are two rules `r`"),
    ] {
        let error = Config::parse(&text, Path::new("gates.toml")).unwrap_err().to_string();
        assert!(error.contains(says) && error.starts_with("gates.toml"), "{text}\n{error}");
    }
    assert!(Config::parse(RULES, Path::new("gates.toml")).is_ok());
    assert!(Config::parse(concurrency_probe_gate::EXAMPLE, Path::new("gates.toml")).is_ok());
}

/// One batch that overlaps hides another that does not: a rule may be about a batch.
#[test]
fn a_rule_may_be_about_one_batch() {
    let run = |label: &str, cold: Value| {
        let report = json!({
            "schema": "concurrency-probe/1", "scope": "s", "wall_ns": 1, "counts": {}, "phases": [], "passes": [], "findings": [],
            "probes": [{
                "name": "link", "file": "a.rs", "line": 1, "calls": 8, "in_flight": 0, "max_in_flight": 4, "max_concurrent": 4,
                "unattributed": 0, "batches": [
                    { "label": "warm", "file": "a.rs", "line": 2, "calls": 4, "max_in_flight": 4, "max_concurrent": 4 },
                    { "label": label, "file": "a.rs", "line": 3, "calls": 2, "max_in_flight": 1, "max_concurrent": cold },
                    { "label": label, "file": "a.rs", "line": 9, "calls": 2, "max_in_flight": 1, "max_concurrent": 4 },
                ],
            }],
        });
        let run = json!({ "target": "a", "round": 1, "wall_ns": 1, "report": report });
        serde_json::from_value(json!({ "schema": Results::SCHEMA, "runs": [run] })).unwrap()
    };
    let rule = |batch: &str| {
        parse(&format!(
            "[[rule]]\nname = \"r\"\nwhy = \"w\"\nkind = \"concurrent\"\nprobe = \"link\"\nat_least = 2\n{batch}"
        ))
    };
    for (batch, results, verdict, found) in [
        ("", run("cold", json!(1)), Some(Verdict::Fails), "`link` ran on 1 thread at once in batch `cold`"),
        ("", run("cold", json!(3)), Some(Verdict::Holds), "`link` ran on 3 threads at once in batch `cold`"),
        ("batch = \"warm\"", run("cold", json!(1)), Some(Verdict::Holds), "at once in batch `warm`"),
        (
            "batch = \"cold\"",
            run("cold", json!(1)),
            Some(Verdict::Fails),
            "`link` ran on 1 thread at once in batch `cold`",
        ),
        (
            "batch = \"cold\"",
            run("cold", json!(2)),
            Some(Verdict::Holds),
            "on 2 threads at once in batch `cold`",
        ),
        ("batch = \"cold\"", run("cold", json!(null)), None, "add `polls`"),
        ("batch = \"cold\"", run("cool", json!(1)), None, "cool"),
    ] {
        let judged = judge(&rule(batch), &results, None).remove(0);
        assert!(judged.found.contains(found), "{batch}: {}", judged.found);
        match verdict {
            Some(verdict) => assert_eq!(judged.verdict, verdict, "{batch}"),
            None => {
                assert!(!matches!(judged.verdict, Verdict::Holds | Verdict::Fails), "{batch}: {judged:?}");
            }
        }
    }
    let mistaken = "[run]\nitems = [\"counts.cold\"]\n";
    let error = Config::parse(mistaken, Path::new("gates.toml")).unwrap_err().to_string();
    assert!(error.contains("`items` has `counts.cold`, expected times"), "{error}");
}

/// A baseline of another machine, or of another command, is refused.
#[test]
fn a_baseline_must_be_of_the_same() {
    use concurrency_probe_gate::{Host, Identity, Made};
    let made = |cores, definition: &str, program: &str| {
        let host = Host { os: "linux".into(), arch: "x86_64".into(), cpu: "A 1".into(), cores };
        let identity = Identity { definition: definition.into(), program: Some(program.into()) };
        let targets = ["pacquet", "pnpr"].map(|target| (target.to_owned(), identity.clone()));
        Made {
            host,
            commit: None,
            until_decided: false,
            compared: None,
            date: "2026-01-01T00:00:00Z".into(),
            targets: targets.into(),
        }
    };
    let of = |made| Results { made, ..benchmark(0.6, 20, 1) };
    let now = of(Some(made(2, "a", "1")));
    let delta =
        parse("[[rule]]\nname = \"d\"\nwhy = \"w\"\nkind = \"delta\"\ntarget = \"pnpr\"\nat_most = 0.05");
    let ratchet = ratio_rule("at_most = 1.0", "at_most = 1.05\nratchet = 1.1");
    for (before, of_delta, of_ratchet) in [
        (of(Some(made(2, "a", "1"))), None, None),
        // Another commit is what is compared.
        (of(Some(made(2, "a", "2"))), None, None),
        (of(None), None, None),
        (
            of(Some(made(4, "a", "1"))),
            Some(
                "the runs were made on another machine (A 1, 4 cores, linux x86_64), and this one is A 1, 2 cores, linux x86_64",
            ),
            // Both sides of a ratio are of one machine.
            None,
        ),
        (
            of(Some(made(2, "b", "1"))),
            Some("or after `pnpr` has changed since"),
            Some("or after `pnpr` has changed since"),
        ),
    ] {
        for (rule, says) in [(&delta, of_delta), (&ratchet, of_ratchet)] {
            let judged = judge(rule, &now, Some(&before)).remove(0);
            match says {
                Some(says) => {
                    assert_eq!(judged.verdict, Verdict::NoData, "{judged:?}");
                    assert!(judged.found.contains(says), "{judged:?}");
                }
                None => assert_eq!(judged.verdict, Verdict::Holds, "{judged:?}"),
            }
        }
    }
}

/// What a session must not get wrong, by the program itself.
#[cfg(unix)]
#[test]
fn each_session_is_as_it_must_be() {
    let gate = Path::new(env!("CARGO_BIN_EXE_probe-gate"));
    for session in sessions::SESSIONS {
        let said = session.run(gate);
        assert!(said.is_ok(), "{}: {}", session.name, said.unwrap_err());
    }
}
