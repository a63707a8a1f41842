//! A history: what the program adds to it, and what it reads of it.
#![cfg(unix)]

mod support;

use concurrency_probe_gate::{History, SessionLine};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use support::history_line::{AGREEMENT, full};
use support::repository::git;
use support::{configure, gate, read, report, reporter, said};
use tempfile::TempDir;

fn lines(dir: &TempDir, name: &str) -> Vec<Value> {
    let lines: Vec<Value> = read(dir, name).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for line in &lines {
        AGREEMENT.assert_valid(line, name);
    }
    lines
}

/// A gate with a target that counts, and that holds or fails.
fn counting(dir: &TempDir, b: u32) {
    configure(dir, &[reporter(dir.path(), "t", &report(&format!("\"a\":3,\"b\":{b}")))]);
    let config =
        read(dir, "gates.toml").replace("runs = 2", "runs = 5\nhistory = [\"counts.b\", \"counts.none\"]");
    fs::write(dir.path().join("gates.toml"), config).unwrap();
}

#[test]
fn each_session_is_a_line() {
    let dir = TempDir::new().unwrap();
    for b in [3, 4] {
        counting(&dir, b);
        assert_eq!(said(&gate(dir.path(), &["run", "--history", "h.ndjson"])).0, i32::from(b == 4));
    }
    let before = read(&dir, "h.ndjson");
    assert_eq!(said(&gate(dir.path(), &["check", "out/results.json", "--history", "h.ndjson"])).0, 1);
    assert!(read(&dir, "h.ndjson").starts_with(&before), "it only grows");
    let lines = lines(&dir, "h.ndjson");
    assert_eq!(lines.len(), 3);
    for (line, b) in lines.iter().zip([3, 4, 4]) {
        let target = &line["targets"][0];
        assert_eq!((&target["target"], &target["runs"]), (&json!("t"), &json!(5)));
        let figures = target["figures"].as_array().unwrap();
        assert_eq!(figures.len(), 2, "what no run has is no figure: {target}");
        assert_eq!(figures[0]["metric"], "wall_ns");
        let wall: Vec<f64> = ["low", "mean", "high"].map(|key| figures[0][key].as_f64().unwrap()).to_vec();
        assert!(wall[0] <= wall[1] && wall[1] <= wall[2], "{wall:?}");
        let b = f64::from(b);
        assert_eq!(figures[1], json!({ "metric": "counts.b", "mean": b, "median": b, "low": b, "high": b }));
        let verdict = if b > 3.0 { "fails" } else { "holds" };
        assert_eq!(line["rules"], json!([{ "rule": "sums", "verdict": verdict, "about": ["t"] }]));
        assert!(line["host"]["cores"].as_u64().unwrap() > 0 && line["ran"].as_str().unwrap().len() == 64);
    }
    assert_eq!(lines[1]["date"], lines[2]["date"], "it is when they were made");
    assert_eq!(lines[0]["ran"], lines[1]["ran"], "the same files");

    // A run that fails is in it, and results that do not say what they were made of are.
    configure(&dir, &["[[target]]\nname = \"t\"\ncommand = [\"false\"]\n".into()]);
    assert_eq!(said(&gate(dir.path(), &["run", "--history", "h.ndjson"])).0, 4);
    fs::write(dir.path().join("hyperfine.json"), r#"{"results":[{"command":"a b","times":[1.0,3.0]}]}"#)
        .unwrap();
    assert_eq!(said(&gate(dir.path(), &["check", "hyperfine.json", "--history", "h.ndjson"])).0, 3);
    let lines = self::lines(&dir, "h.ndjson");
    assert!(
        lines[3]["failure"].as_str().unwrap().contains("the run failed") && lines[3]["targets"] == json!([])
    );
    assert_eq!(
        lines[4]["targets"][0]["figures"][0],
        json!({ "metric": "wall_ns", "mean": 2e9, "median": 2e9 })
    );
    assert!(lines[4]["date"].is_null() && lines[4]["host"].is_null());
}

#[test]
fn two_commits_are_in_it() {
    let dir = TempDir::new().unwrap();
    counting(&dir, 3);
    git(dir.path(), &["init", "--quiet"]);
    git(dir.path(), &["add", "--all"]);
    git(dir.path(), &["commit", "--quiet", "--message", "m"]);
    let commit = git(dir.path(), &["rev-parse", "HEAD"]);
    fs::write(dir.path().join("t.json"), report(r#""a":3,"b":5"#)).unwrap();
    let arguments = ["compare", "--base", "HEAD", "--history", "h.ndjson"];
    assert_eq!(said(&gate(dir.path(), &arguments)).0, 1);
    let line = &lines(&dir, "h.ndjson")[0];
    assert_eq!((&line["base"], &line["commit"]), (&json!(commit), &json!(commit + "+")));
    let targets = line["targets"].as_array().unwrap();
    assert_eq!((&targets[0]["target"], &targets[1]["target"]), (&json!("t@base"), &json!("t@head")));
    assert_eq!(line["rules"][0], json!({ "rule": "sums", "verdict": "fails", "about": ["t@head"] }));
    assert_eq!(line["rules"][1]["about"], json!(["t@base", "t@head"]));
    let (code, text) = said(&gate(dir.path(), &["history", "h.ndjson"]));
    assert!(code == 0 && text.contains("t@head, counts.b") && text.contains("✗ sums fails"), "{text}");
}

/// A gate that was killed while it added has left half of a line.
#[test]
fn a_line_that_was_cut_off_is_named_and_passed_over() {
    let dir = TempDir::new().unwrap();
    let line = full().to_string();
    let results = r#"{"schema":"probe-gate/1","runs":[{"target":"t","round":1,"wall_ns":1}]}"#;
    fs::write(dir.path().join("results.json"), results).unwrap();
    counting(&dir, 3);
    for cut in [1, 20, line.len() / 2, line.len() - 1, line.len()] {
        let torn = format!("{line}\n{}", &line[..cut]);
        fs::write(dir.path().join("h.ndjson"), &torn).unwrap();
        let (code, text) = said(&gate(dir.path(), &["check", "results.json", "--history", "h.ndjson"]));
        let is_torn = cut < line.len();
        let says = "warning: h.ndjson:2: it was cut off when a gate was killed, and is skipped";
        assert!(code == 3 && text.contains(says) == is_torn, "{cut}: {code} {text}");
        let after = read(&dir, "h.ndjson");
        assert!(after.starts_with(&format!("{torn}\n{{\"schema\"")) && after.ends_with("}\n"), "{after}");
        let (code, text) = said(&gate(dir.path(), &["history", "h.ndjson"]));
        assert!(code == 0 && text.contains(says) == is_torn, "{cut}: {code} {text}");
        let history = History::read(&dir.path().join("h.ndjson")).unwrap();
        assert_eq!(
            (history.sessions.len(), history.cut.len()),
            (3 - usize::from(is_torn), usize::from(is_torn))
        );
        assert_eq!(read(&dir, "h.html").contains("Line 2 was cut off"), is_torn);
    }
    // The twin: a file whose last line is whole has no warning.
    fs::write(dir.path().join("h.ndjson"), format!("{line}\n\n{line}\n")).unwrap();
    let (code, text) = said(&gate(dir.path(), &["history", "h.ndjson"]));
    assert!(code == 0 && !text.contains("warning"), "{text}");
}

/// What is no history is refused, before anything is run, and is as it was.
#[test]
fn a_file_of_something_else_is_not_added_to() {
    let dir = TempDir::new().unwrap();
    counting(&dir, 3);
    fs::create_dir(dir.path().join("folder")).unwrap();
    assert!(Command::new("mkfifo").arg(dir.path().join("pipe")).status().unwrap().success());
    let results = "{\"schema\":\"probe-gate/1\",\"runs\":[]}\n";
    for (name, text, says) in [
        (
            "results.json",
            results,
            "results.json:1:1: its schema is `probe-gate/1`, expected `probe-gate-history/1`",
        ),
        ("list", "[1]\n", "list:1:1: expected a session of a history"),
        ("text", "no json\n", "text:1:"),
        (
            "key",
            "{\"schema\":\"probe-gate-history/1\",\"rules\":[],\"rules\":[]}\n",
            "duplicate field `rules`",
        ),
        ("later", "{\"schema\":\"probe-gate-history/2\"}\n", "its schema is `probe-gate-history/2`"),
        ("middle", "{\"a\":1} {\n", "middle:1:9: "),
        ("folder", "", "cannot add to the history folder: it exists, and is not a regular file"),
        ("pipe", "", "cannot add to the history pipe: it exists, and is not a regular file"),
        ("/dev/full", "", "cannot add to the history /dev/full: it exists, and is not a regular file"),
        ("no/where", "", "cannot add to the history no/where: "),
    ] {
        if !text.is_empty() {
            fs::write(dir.path().join(name), text).unwrap();
        }
        for command in ["run", "check"] {
            let mut arguments = vec![command, "--history", name];
            if command == "check" {
                arguments.push("results.json");
            }
            let (code, said) = said(&gate(dir.path(), &arguments));
            assert!(code == 2 && said.contains(says), "{name}: {code} {said}");
        }
        assert!(!dir.path().join("out/results.json").exists(), "nothing was run");
        if !text.is_empty() {
            assert_eq!(read(&dir, name), text);
            let (code, said) = said(&gate(dir.path(), &["history", name]));
            assert!(code == 2 && said.contains(says), "{name}: {said}");
        }
    }
    fs::write(dir.path().join("nothing"), "\n").unwrap();
    let (code, text) = said(&gate(dir.path(), &["history", "nothing"]));
    assert!(
        code == 2 && text.contains("there is no session in it: add some with `probe-gate run --history"),
        "{text}"
    );
    let (code, text) = said(&gate(dir.path(), &["history", "missing"]));
    assert!(code == 2 && text.contains("cannot read the history missing"), "{text}");
    fs::File::create(dir.path().join("large")).unwrap().set_len((64 << 20) + 1).unwrap();
    for arguments in [&["history", "large"][..], &["run", "--history", "large"]] {
        let (code, text) = said(&gate(dir.path(), arguments));
        assert!(
            code == 2 && text.contains("it is larger than 64 MiB, the most that a history may have"),
            "{text}"
        );
    }
    fs::write(dir.path().join("h"), full().to_string()).unwrap();
    let (code, text) = said(&gate(dir.path(), &["history", "h", "--out", "h"]));
    assert!(code == 2 && text.contains("h is the history: name another file"), "{text}");
    assert_eq!(read(&dir, "h"), full().to_string());
    assert_eq!(said(&gate(dir.path(), &["run", "--history", "h"])).0, 0, "the twin");
}

/// Several gates add to one file, and no line is in another.
#[test]
fn gates_may_add_at_once() {
    const GATES: usize = 16;
    let dir = TempDir::new().unwrap();
    counting(&dir, 3);
    let runs: Vec<Value> =
        (0..200).map(|at| json!({ "target": format!("t{at}"), "round": 1, "wall_ns": 1 })).collect();
    fs::write(dir.path().join("results.json"), json!({ "schema": "probe-gate/1", "runs": runs }).to_string())
        .unwrap();
    let start = |_| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_probe-gate"));
        command.current_dir(dir.path()).args(["check", "results.json", "--history", "h.ndjson"]);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };
    let children: Vec<_> = (0..GATES).map(start).collect();
    for mut child in children {
        assert_eq!(child.wait().unwrap().code(), Some(3));
    }
    let lines = lines(&dir, "h.ndjson");
    assert_eq!(lines.len(), GATES);
    assert!(lines.iter().all(|line| line["targets"].as_array().unwrap().len() == 200));
}

/// README's example, as it stands there.
#[test]
fn the_example_of_the_readme_is_drawn() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let section = readme.split("\n## History\n").nth(1).unwrap().split("\n## ").next().unwrap();
    let block =
        |kind: &str| section.split(&format!("```{kind}\n")).nth(1).unwrap().split("```").next().unwrap();
    let dir = TempDir::new().unwrap();
    let target = reporter(dir.path(), "t", &report(r#""cold":3"#));
    fs::write(dir.path().join("gates.toml"), format!("{}runs = 2\n{target}", block("toml"))).unwrap();
    for command in block("sh").lines() {
        let arguments: Vec<&str> = command.split(' ').filter(|argument| *argument != "--open").collect();
        assert_eq!(arguments[0], "probe-gate");
        let (code, text) = said(&gate(dir.path(), &arguments[1..]));
        assert!([0, 3].contains(&code), "{command}: {text}");
    }
    let history = History::read(&dir.path().join("history.ndjson")).unwrap();
    let SessionLine { targets, .. } = &history.sessions[0];
    let metrics: Vec<_> = targets[0].figures.iter().map(|figure| figure.metric.as_str()).collect();
    assert_eq!(metrics, ["wall_ns", "counts.cold", "involuntary_switches"]);
    assert!(read(&dir, "history.html").contains("t, counts.cold"));
}
