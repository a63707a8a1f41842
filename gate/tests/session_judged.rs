//! Sessions of `probe-gate run`: what their rules find.
#![cfg(unix)]

mod support;

use serde_json::{Value, json};
use std::fs;
use std::process::Command;
use support::{configure, gate, read, report, reporter, results, said, target};
use tempfile::TempDir;

/// A finding of a report fails a rule, and is annotated where it is in the source.
#[test]
fn findings_are_judged_and_annotated() {
    let finding = |kind: &str| json!({ "kind": kind, "file": "src/install.rs", "line": 207, "message": "a pass per item" });
    let report = |calls: &[u64], findings: Vec<Value>| {
        let probe = |calls: &u64| json!({ "name": "link", "calls": calls, "max_in_flight": 1 });
        let probes: Vec<_> = calls.iter().map(probe).collect();
        json!({ "schema": "concurrency-probe/1", "scope": "s", "wall_ns": 1, "probes": probes, "findings": findings }).to_string()
    };
    let rule = |of: &str| {
        format!(
            "[run]\nruns = 2\nout = \"out\"\n[[rule]]\nname = \"none\"\nwhy = \"w\"\nkind = \"findings\"\n{of}\n"
        )
    };
    for (calls, findings, of, code) in [
        (&[8][..], vec![], "", 0),
        // Where nothing was looked at, nothing can be found. That is no data, and never a pass.
        (&[], vec![], "", 3),
        (&[0], vec![], "", 3),
        (&[], vec![finding("degenerate_passes")], "of = [\"nested_scope\"]", 3),
        (&[], vec![finding("degenerate_passes")], "", 1),
        (&[8], vec![finding("degenerate_passes")], "", 1),
        (&[8], vec![finding("degenerate_passes")], "of = [\"degenerate_passes\"]", 1),
        (&[8], vec![finding("degenerate_passes")], "of = [\"nested_scope\"]", 0),
    ] {
        let dir = TempDir::new().unwrap();
        let target = reporter(dir.path(), "t", &report(calls, findings.clone()));
        fs::write(dir.path().join("gates.toml"), rule(of) + &target).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_probe-gate"));
        let output =
            command.current_dir(dir.path()).arg("run").env("GITHUB_ACTIONS", "true").output().unwrap();
        let (found, text) = said(&output);
        assert_eq!(found, code, "{of}: {text}");
        let annotation = "::error file=src/install.rs,line=207,title=probe-gate%3A none fails::degenerate_passes: a pass per item. w";
        assert_eq!(text.contains(annotation), code == 1, "{of}: {text}");
        if code == 1 {
            assert!(text.contains("t, round 1: degenerate_passes: a pass per item"), "{text}");
            assert!(read(&dir, "out/judgements.json").contains("src/install.rs"));
        }
    }
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("gates.toml"), rule("of = [\"degenerate_pass\"]")).unwrap();
    let (code, text) = said(&gate(dir.path(), &["explain", "gates.toml"]));
    assert!(code == 2 && text.contains("did you mean `degenerate_passes`?"), "{text}");
}

/// What is missing in one round does not hide what is wrong in another.
#[test]
fn a_failure_counts_before_missing_data() {
    let dir = TempDir::new().unwrap();
    for (name, text) in [
        ("missing", report(r#""a":1"#)),
        ("wrong", report(r#""a":1,"b":2"#)),
        ("good", report(r#""a":1,"b":1"#)),
    ] {
        fs::write(dir.path().join(name), text).unwrap();
    }
    for (rounds, code, says) in [
        (["missing", "wrong"], 1, "round 2: counts.a is 1, and counts.b is 2"),
        (["wrong", "missing"], 1, "round 1: counts.a is 1, and counts.b is 2"),
        (["missing", "good"], 3, "round 1: there is no count `b`"),
        (["good", "good"], 0, "in all 2 reports"),
    ] {
        let [first, second] = rounds;
        let script = format!(
            "echo >> ran; if [ $(wc -l < ran) -lt 3 ]; then cat {first}; else cat {second}; fi > $CONCURRENCY_PROBE_REPORT"
        );
        configure(&dir, &[target("t", &script)]);
        let (found, text) = said(&gate(dir.path(), &["run"]));
        assert!(found == code && text.contains(says), "{rounds:?}: {found} {text}");
        fs::remove_file(dir.path().join("ran")).unwrap();
    }
}

/// A run may leave a line for each scope that it closed. A rule names the scope that it is about, and judges every line of it.
#[test]
fn a_run_may_leave_several_reports() {
    let dir = TempDir::new().unwrap();
    let line = |scope: &str, a: u32, b: u32| {
        report(&format!("\"a\":{a},\"b\":{b}")).replace("\"s\"", &format!("\"{scope}\""))
    };
    let lines = line("install", 1, 1) + &line("prune", 5, 5) + &line("install", 2, 3);
    configure(&dir, &[reporter(dir.path(), "t", &lines)]);
    let config = read(&dir, "gates.toml");
    for (scope, code, says) in [
        (
            "",
            3,
            "t, round 1: it left reports of the scopes `install`, `prune`: say which one the rule is about",
        ),
        ("scope = \"prune\"\n", 0, "counts.a is 5, and counts.b is 5"),
        ("scope = \"install\"\n", 1, "t, round 1, report 2: counts.a is 2, and counts.b is 3"),
        ("scope = \"instal\"\n", 3, "there is no scope `instal`; did you mean `install`?"),
    ] {
        fs::write(
            dir.path().join("gates.toml"),
            config.replace("kind = \"conserve\"", &format!("{scope}kind = \"conserve\"")),
        )
        .unwrap();
        let (found, text) = said(&gate(dir.path(), &["run", "--trace"]));
        assert!(found == code && text.contains(says), "{scope}: {found} {text}");
    }
    assert_eq!(results(&dir)["runs"][0]["more_reports"].as_array().unwrap().len(), 2);
    let page = read(&dir, "out/index.html");
    assert!(page.contains("t, install") && page.contains("t, prune"));
    assert!(read(&dir, "out/trace.json").contains("t, round 1, report 3"));
}

/// Rounds are made until every rule is decided: here after the first look, and never beyond the budget.
#[test]
fn rounds_are_made_until_it_is_decided() {
    let dir = TempDir::new().unwrap();
    // Times that a report has: no machine makes them.
    let script =
        |wall: &str| format!("echo >> n-$0; {wall} sed s/WALL/$W/ t.json > $CONCURRENCY_PROBE_REPORT");
    let quick = |name: &str, wall: &str| {
        format!(
            "[[target]]\nname = \"{name}\"\ncommand = [\"sh\", \"-c\", '''{}''', \"{name}\"]\n",
            script(wall)
        )
    };
    fs::write(dir.path().join("t.json"), r#"{"schema":"concurrency-probe/1","scope":"s","wall_ns":WALL}"#)
        .unwrap();
    let rule = |at_most: &str| {
        format!(
            "[[rule]]\nname = \"r\"\nwhy = \"w\"\nkind = \"ratio\"\ntarget = \"b\"\nover = \"a\"\nmetric = \"report_ns\"\nat_most = {at_most}\n"
        )
    };
    // The rounds alternate by a tenth, so the ratio is 1 on average, and no bound of 1 is ever decided.
    let a = quick("a", "W=100001;");
    let b = quick("b", "if [ $(( $(wc -l < n-$0) % 2 )) -eq 0 ]; then W=110001; else W=90001; fi;");
    for (at_most, budget, code, rounds) in
        [("2.0", "600", 0, 6), ("0.5", "600", 1, 6), ("0.995", "0.000001", 3, 1)]
    {
        let _ = fs::remove_dir_all(dir.path().join("out"));
        fs::write(
            dir.path().join("gates.toml"),
            format!("[run]\nwarmups = 0\nout = \"out\"\n{a}{b}{}", rule(at_most)),
        )
        .unwrap();
        let (found, text) = said(&gate(dir.path(), &["run", "--until-decided", "--budget", budget]));
        assert_eq!(found, code, "{at_most}: {text}");
        assert_eq!(results(&dir)["runs"].as_array().unwrap().len(), 2 * rounds, "{at_most}: {text}");
        // They are judged again look by look, and are not gone on with.
        assert_eq!(said(&gate(dir.path(), &["check", "out/results.json"])).0, code, "{at_most}");
        let (code, text) = said(&gate(dir.path(), &["run", "--resume"]));
        assert!(code == 2 && text.contains("it was made with --until-decided"), "{text}");
    }
    // Where one look would be sure, the first of several is not: an interval of each look is wider.
    let text = format!("[run]\nwarmups = 0\nout = \"out\"\n{a}{b}{}", rule("2.0"));
    fs::write(dir.path().join("gates.toml"), &text).unwrap();
    let _ = fs::remove_dir_all(dir.path().join("out"));
    assert_eq!(said(&gate(dir.path(), &["run", "--until-decided", "--budget", "600"])).0, 0);
    let looked = read(&dir, "out/results.json");
    let at_once = looked.replace("\"until_decided\":true,", "");
    assert_ne!(looked, at_once);
    fs::write(dir.path().join("at-once.json"), at_once).unwrap();
    fs::write(dir.path().join("gates.toml"), text.replace("2.0", "1.13")).unwrap();
    for (file, code) in [("out/results.json", 3), ("at-once.json", 0)] {
        let (found, text) = said(&gate(dir.path(), &["check", file]));
        assert_eq!(found, code, "{file}: {text}");
    }
    let _ = fs::remove_dir_all(dir.path().join("out"));
    // Between the two more rounds are asked for: 6, 12, 24.
    fs::write(
        dir.path().join("gates.toml"),
        format!("[run]\nwarmups = 0\nout = \"out\"\n{a}{b}{}", rule("1.06")),
    )
    .unwrap();
    let (found, text) = said(&gate(dir.path(), &["run", "--until-decided", "--budget", "600"]));
    let made = results(&dir)["runs"].as_array().unwrap().len();
    assert!(found == 0 && [24, 48, 96].contains(&made), "{made}: {text}");
    for arguments in
        [&["run", "--until-decided"][..], &["run", "--until-decided", "--budget", "1", "--runs", "3"]]
    {
        assert_eq!(said(&gate(dir.path(), arguments)).0, 2, "{arguments:?}");
    }
}

/// Of several reports of one scope, and of several rows of one phase, times add up.
#[test]
fn times_of_several_reports_add_up() {
    let dir = TempDir::new().unwrap();
    let line = |times: &[u32]| {
        let phases: Vec<_> =
            times.iter().map(|time| json!({ "name": "l", "total_ns": time, "times": 1 })).collect();
        json!({ "schema": "concurrency-probe/1", "scope": "s", "wall_ns": 100, "phases": phases }).to_string()
            + "\n"
    };
    let target = reporter(dir.path(), "t", &(line(&[20, 5]) + &line(&[10])));
    for (metric, at_most, code, says) in [
        ("phases.l", 36, 0, "t: phases.l is 35.000 [35.000, 35.000]"),
        ("phases.l", 34, 1, "t: phases.l is 35.000 [35.000, 35.000]"),
        ("report_ns", 150, 1, "t: report_ns is 200.000 [200.000, 200.000]"),
    ] {
        let rule = format!(
            "[[rule]]\nname = \"r\"\nwhy = \"w\"\nkind = \"metric\"\nmetric = \"{metric}\"\nat_most = {at_most}\n"
        );
        let config = format!("[run]\nruns = 5\nwarmups = 0\nout = \"out\"\n{target}{rule}");
        fs::write(dir.path().join("gates.toml"), config).unwrap();
        let (found, text) = said(&gate(dir.path(), &["run"]));
        assert!(found == code && text.contains(says), "{metric}: {found} {text}");
    }
}

/// Sums are exact, however large: a float would take two neighbours for one.
#[test]
fn sums_of_large_counts_are_exact() {
    let dir = TempDir::new().unwrap();
    for (a, b, code, says) in [
        (u64::MAX, u64::MAX, 0, "counts.a is 18446744073709551615, and counts.b is 18446744073709551615"),
        (u64::MAX, u64::MAX - 1, 1, "counts.b is 18446744073709551614"),
        ((1 << 53) + 1, 1 << 53, 1, "counts.a is 9007199254740993, and counts.b is 9007199254740992"),
    ] {
        configure(&dir, &[reporter(dir.path(), "t", &report(&format!("\"a\":{a},\"b\":{b}")))]);
        let (found, text) = said(&gate(dir.path(), &["run"]));
        assert!(found == code && text.contains(says), "{a} {b}: {text}");
    }
}
