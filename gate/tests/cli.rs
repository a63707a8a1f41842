//! The program `probe-gate`, as a person meets it.
#![cfg(unix)]

mod support;

use std::fs;
use std::process::Command;
use support::{configure, gate, report, reporter, said};
use tempfile::TempDir;

#[test]
fn targets_are_run_and_judged_and_every_artifact_is_there() {
    let dir = TempDir::new().unwrap();
    for (b, code, says) in [("3", 0, "sums: holds"), ("4", 1, "sums: fails")] {
        let targets = [
            reporter(dir.path(), "one", &report(r#""a":3,"b":3"#)),
            reporter(dir.path(), "two", &report(&format!(r#""a":3,"b":{b}"#))),
        ];
        configure(&dir, &targets);
        let (found, text) = said(&gate(dir.path(), &["run"]));
        assert_eq!(found, code, "{text}");
        assert!(text.contains(says), "{text}");
        assert_eq!(
            text.contains("two, round 1: counts.a is 3, and counts.b is 4\n    they must"),
            code == 1,
            "{text}"
        );
        for name in [
            "index.html",
            "results.json",
            "judgements.json",
            "summary.md",
            "hyperfine.json",
            "bencher.json",
            "benchmark-action.json",
        ] {
            assert!(dir.path().join("out").join(name).exists(), "{name}");
        }
        let results = fs::read_to_string(dir.path().join("out/results.json")).unwrap();
        let results: serde_json::Value = serde_json::from_str(&results).unwrap();
        let order: Vec<_> =
            results["runs"].as_array().unwrap().iter().map(|run| run["target"].as_str().unwrap()).collect();
        assert_eq!(order, ["one", "two", "two", "one"], "A B B A, and no warm-up");
        for run in results["runs"].as_array().unwrap() {
            // A shell has less memory than the gate: what Linux counts for it is the gate's, and no peak is told.
            let peak = run["peak_bytes"].as_u64();
            assert_eq!(peak.is_some(), !cfg!(target_os = "linux"), "{peak:?}");
            assert!(run["user_ns"].is_u64() && run["system_ns"].is_u64(), "{run}");
        }
        assert!(fs::read_to_string(dir.path().join("out/runs/one-1.log")).unwrap().contains("one ran"));

        // What was run can be judged again, and hyperfine's shape of it has no reports.
        let (found, _) = said(&gate(dir.path(), &["check", "out/results.json", "--out", "again"]));
        assert_eq!(found, code);
        assert!(dir.path().join("again/summary.md").exists());
        let (found, text) = said(&gate(dir.path(), &["check", "out/hyperfine.json"]));
        assert!(found == 3 && text.contains("it left no report"), "{text}");
    }
}

#[test]
fn input_that_cannot_be_read_is_named() {
    let dir = TempDir::new().unwrap();
    configure(&dir, &[]);
    let path = |name: &str| dir.path().join(name);
    for (name, text, says) in [
        ("cut.json", r#"{"schema":"probe-gate/1","runs":[{"target":"a""#, "cut.json:1:"),
        ("text.json", "no json", "text.json:1:"),
        ("other.json", "{}", "expected results of probe-gate"),
        ("list.json", "[1]", "expected results of probe-gate"),
        ("nothing.json", "", "nothing.json:1:1: it is empty"),
        ("bom.json", "\u{feff}{}", "bom.json:1:1: unexpected byte order mark"),
        ("key.json", "{\n\"runs\":[],\"runs\":[]}", "key.json:2:16: duplicate field `runs`"),
        (
            "type.json",
            "{\"schema\":\"probe-gate/1\",\n\"runs\":[{\"target\":\"a\",\"round\":1,\"wall_ns\":-1}]}",
            "type.json:2:44: invalid value: integer `-1`, expected u64",
        ),
        (
            "round.json",
            r#"{"schema":"probe-gate/1","runs":[{"target":"a","round":0,"wall_ns":1}]}"#,
            "a run of `a` is of round 0, expected 1 or more",
        ),
        (
            "report.json",
            r#"{"schema":"probe-gate/1","runs":[{"target":"a","round":1,"wall_ns":1,"report":{"schema":"x","scope":"s",
            "wall_ns":1,"counts":{},"phases":[],"probes":[],"passes":[],"findings":[]}}]}"#,
            "the report of `a` in round 1 is of schema `x`, expected `concurrency-probe/1`",
        ),
        ("schema.json", r#"{"schema":"probe-gate/9","runs":[]}"#, "its schema is `probe-gate/9`"),
        (
            "failed.json",
            r#"{"results":[{"command":"a","times":[1.0,1.0],"exit_codes":[0,7]}]}"#,
            "run 2 of `a` failed, so its time says nothing",
        ),
        ("negative.json", r#"{"results":[{"command":"a","times":[-1.0]}]}"#, "a time of `a` is -1"),
        (
            "twice.json",
            r#"{"schema":"probe-gate/1","runs":[{"target":"a","round":1,"wall_ns":1},{"target":"a","round":1,"wall_ns":1}]}"#,
            "two runs of `a` in round 1",
        ),
    ] {
        fs::write(path(name), text).unwrap();
        let (code, text) = said(&gate(dir.path(), &["check", name]));
        assert!(code == 2 && text.contains(says) && text.starts_with("error: "), "{name}: {text}");
    }
    // Sparse: it takes no room, and is not read.
    for (arguments, length, says) in [
        (["check", "large"], (512 << 20) + 1, "cannot read large: it is larger than 512 MiB"),
        (["explain", "large"], (1 << 20) + 1, "cannot read large: it is larger than 1 MiB"),
    ] {
        fs::File::create(path("large")).unwrap().set_len(length).unwrap();
        let (code, text) = said(&gate(dir.path(), &arguments));
        assert!(code == 2 && text.contains(says) && !text.contains("init"), "{text}");
    }
    fs::write(path("latin.toml"), b"[run]\n# caf\xe9").unwrap();
    let (code, text) = said(&gate(dir.path(), &["explain", "latin.toml"]));
    assert!(code == 2 && text.contains("latin.toml:2: column 6: invalid UTF-8"), "{text}");
    for arguments in [
        &["check", "missing.json"][..],
        &["check", "other.json", "--config", "missing.toml"],
        &["run", "--config", "missing.toml"],
        &["frobnicate"],
    ] {
        assert_eq!(said(&gate(dir.path(), arguments)).0, 2, "{arguments:?}");
    }
    // A directory that cannot be written is said to be, after the verdicts.
    fs::write(path("empty.json"), r#"{"schema":"probe-gate/1","runs":[]}"#).unwrap();
    fs::write(path("file"), "").unwrap();
    let (code, text) = said(&gate(dir.path(), &["check", "empty.json", "--out", "file/out"]));
    assert!(code == 2 && text.contains("sums: no data") && text.contains("cannot write"), "{text}");
    assert_eq!(said(&gate(dir.path(), &["check", "empty.json"])).0, 3, "no data is never a pass");
}

/// From nothing to a green gate and to the first red one: README's steps.
#[test]
fn a_newcomer_begins_with_an_example_that_runs() {
    let dir = TempDir::new().unwrap();
    let (code, text) = said(&gate(dir.path(), &["init"]));
    assert!(code == 0 && text.contains("wrote gates.toml"), "{text}");
    assert_eq!(said(&gate(dir.path(), &["init"])).0, 2, "it is not overwritten");
    for arguments in [&["explain"][..], &["explain", "--config", "gates.toml"], &["explain", "gates.toml"]] {
        let (code, text) = said(&gate(dir.path(), arguments));
        assert_eq!(code, 0);
        for part in [
            "in each run there is no finding",
            "in each run counts.linked is exactly counts.warm + counts.cold",
            "in each run counts.cold, as a share of counts.warm + counts.cold, is at least 0.1",
            "in each run pass cold kept at least 1.5 lanes open at once, on average",
            "in each run at least 2 threads were in link_slot at once, in each batch that has as many calls",
        ] {
            assert!(text.contains(part), "{part:?} is missing in:\n{text}");
        }
    }
    let (code, text) = said(&gate(dir.path(), &["run"]));
    assert_eq!(code, 0, "{text}");
    // The lines of the bug without the comment, as it says.
    let example = fs::read_to_string(dir.path().join("gates.toml")).unwrap();
    let (before, after) = example.split_once("# [[target]]").unwrap();
    let (bug, after) = after.split_once("\n\n").unwrap();
    let red = format!("{before}[[target]]{}\n\n{after}", bug.replace("\n# ", "\n"));
    fs::write(dir.path().join("gates.toml"), red).unwrap();
    let (code, text) = said(&gate(dir.path(), &["run"]));
    assert_eq!(code, 1, "{text}");
    assert_eq!(text.matches(": fails\n").count(), 3, "{text}");
}

/// For other programs: one object, and nothing else on standard output.
#[test]
fn a_verdict_may_be_json() {
    let dir = TempDir::new().unwrap();
    for (b, code) in [("3", 0), ("4", 1)] {
        configure(&dir, &[reporter(dir.path(), "one", &report(&format!(r#""a":3,"b":{b}"#)))]);
        let mut command = Command::new(env!("CARGO_BIN_EXE_probe-gate"));
        command.current_dir(dir.path()).args(["run", "--format", "json"]).env("GITHUB_ACTIONS", "true");
        let output = command.output().unwrap();
        let verdict: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(code));
        assert_eq!(verdict["schema"], "probe-gate-verdict/1");
        assert_eq!(verdict["exit_code"], code);
        assert_eq!(verdict["judgements"][0]["verdict"], if code == 0 { "holds" } else { "fails" });
        assert_eq!(verdict["out"], "out");
        assert!(verdict["failure"].is_null());
        assert!(String::from_utf8(output.stderr).unwrap().contains("sums: "));
    }
}

/// cargo finds its subcommands by their names, and gives them these.
#[test]
fn it_is_a_subcommand_of_cargo() {
    let subcommand = env!("CARGO_BIN_EXE_cargo-probe-gate");
    let version = |arguments: &[&str]| {
        let output = Command::new(subcommand).args(arguments).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let expected = format!("probe-gate {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(version(&["probe-gate", "--version"]), expected);
    assert_eq!(version(&["--version"]), expected);
    let output = Command::new(subcommand).args(["probe-gate", "explain", "/nowhere"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "the exit code is that of the program");
}

#[test]
fn a_workflow_gets_annotations_and_a_summary() {
    let dir = TempDir::new().unwrap();
    configure(&dir, &[]);
    fs::write(dir.path().join("empty.json"), r#"{"schema":"probe-gate/1","runs":[]}"#).unwrap();
    let summary = dir.path().join("summary");
    let mut command = Command::new(env!("CARGO_BIN_EXE_probe-gate"));
    command.current_dir(dir.path()).args(["check", "empty.json"]);
    let output = command.env("GITHUB_ACTIONS", "true").env("GITHUB_STEP_SUMMARY", &summary).output().unwrap();
    let (_, text) = said(&output);
    assert!(
        text.contains("::warning title=probe-gate%3A sums no data::there is no run. they must"),
        "{text}"
    );
    assert!(
        fs::read_to_string(summary)
            .unwrap()
            .contains("| ` sums ` | ❔ no data | ` there is no run `<br>` they must ` |")
    );
}
