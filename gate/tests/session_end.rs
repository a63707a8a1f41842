//! Sessions of `probe-gate run`: what ends one, and what is left of it.
#![cfg(unix)]

mod support;

use serde_json::Value;
use std::fs;
use std::process::{Command, Stdio};
use support::{
    configure, fifo, gate, read, report, reporter, results, runs, said, signal, start, target, with_timeout,
};
use tempfile::TempDir;

#[test]
fn a_target_that_fails_is_named_and_never_a_number() {
    let good = report(r#""a":1,"b":1"#);
    let cases = [
        (
            target("bad", "echo it broke; exit 7"),
            "target bad: the run failed (exit status: 7)\n    | it broke\n",
        ),
        (target("bad", "true"), "left no report"),
        (target("bad", ": > $CONCURRENCY_PROBE_REPORT"), "left an empty report"),
        (
            target("bad", "mkfifo $CONCURRENCY_PROBE_REPORT"),
            "left a report that cannot be read: it is not a regular file",
        ),
        ("cut".into(), "left an invalid report: line 1, column "),
        ("gap".into(), "left an invalid report: line 2, column 1: an empty line"),
        ("schema".into(), "left a report of schema `concurrency-probe/2`"),
        (
            "[[target]]\nname = \"bad\"\ncommand = [\"/nonexistent/program\"]\n".into(),
            "target bad: the run cannot be started: `/nonexistent/program`",
        ),
        (
            target("bad", "truncate -s 67108865 $CONCURRENCY_PROBE_REPORT"),
            "left a report that cannot be read: it is larger than 64 MiB",
        ),
        (
            target("bad", "ln -s /dev/zero $CONCURRENCY_PROBE_REPORT"),
            "left a report that cannot be read: it is not a regular file",
        ),
        (
            target("bad", "true") + "prepare = [\"false\"]\n",
            "target bad: the preparation failed (exit status: 1)",
        ),
    ];
    for (bad, says) in cases {
        let dir = TempDir::new().unwrap();
        let bad = match bad.as_str() {
            "cut" => reporter(dir.path(), "bad", &good[..40]),
            "gap" => reporter(dir.path(), "bad", &format!("{good}\n{good}")),
            "schema" => reporter(dir.path(), "bad", &good.replace("probe/1", "probe/2")),
            _ => bad,
        };
        configure(&dir, &[bad]);
        let (code, text) = said(&gate(dir.path(), &["run"]));
        assert!(code == 4 && text.contains(says), "{says}: {code} {text}");
        let results = fs::read_to_string(dir.path().join("out/results.json")).unwrap();
        let results: Value = serde_json::from_str(&results).unwrap();
        assert_eq!(results["runs"], serde_json::json!([]), "it is no number");
        assert!(results["failure"]["what"].as_str().unwrap().starts_with("target bad: the "), "{results}");
        // What is judged again has failed again.
        assert_eq!(said(&gate(dir.path(), &["check", "out/results.json"])).0, 4);
    }
}

#[test]
fn a_target_that_does_not_end_is_ended() {
    let dir = TempDir::new().unwrap();
    configure(&dir, &[target("endless", "exec sleep 3600")]);
    let config = fs::read_to_string(dir.path().join("gates.toml"))
        .unwrap()
        .replace("timeout_s = 20", "timeout_s = 0.2");
    fs::write(dir.path().join("gates.toml"), config).unwrap();
    let (code, text) = said(&gate(dir.path(), &["run"]));
    assert!(code == 4 && text.contains("did not end in 0.2 s"), "{text}");
}

/// Everything that a target has started ends with it.
#[test]
fn no_process_outlives_its_target() {
    for (script, timeout, says) in [
        ("sleep 999 & echo $! > pid; wait", "0.3", "did not end in 0.3 s"),
        ("sleep 999 & echo $! > pid; exit 3", "20", "failed (exit status: 3)"),
        (
            "sleep 999 & echo $! > pid; cat good.json > $CONCURRENCY_PROBE_REPORT",
            "20",
            "were still running when it ended; the gate has ended them",
        ),
        // It does not obey, and is killed after the grace.
        ("trap '' TERM; echo $$ > pid; sleep 999; sleep 999", "0.3", "did not end in 0.3 s"),
    ] {
        let dir = TempDir::new().unwrap();
        fs::write(dir.path().join("good.json"), report(r#""a":1,"b":1"#)).unwrap();
        configure(&dir, &[target("t", script)]);
        with_timeout(&dir, timeout);
        let (_, text) = said(&gate(dir.path(), &["run"]));
        assert!(text.contains(says), "{script}: {text}");
        let pid = read(&dir, "pid");
        assert!(!pid.is_empty() && !runs(&pid), "{script}: {pid} runs");
    }
    // The check sees one that runs.
    let mut sleeper = Command::new("sleep").arg("999").spawn().unwrap();
    assert!(runs(&sleeper.id().to_string()));
    sleeper.kill().unwrap();
    sleeper.wait().unwrap();
}

/// A signal is passed on, what was begun is concluded, and the artifacts say what happened.
#[test]
fn a_signal_ends_the_gate_and_its_target() {
    for (name, number) in [("-TERM", 15), ("-INT", 2), ("-HUP", 1), ("-QUIT", 3), ("-USR1", 10)] {
        let dir = TempDir::new().unwrap();
        fifo(&dir, "ready");
        let script = target(
            "t",
            "trap 'echo told >> after; exit 1' TERM INT HUP QUIT USR1; echo $$ > pid; echo x > ready; while :; do sleep 0.1; done",
        ) + "conclude = [\"sh\", \"-c\", \"echo concluded >> after\"]\ncleanup = [\"sh\", \"-c\", \"echo cleaned >> after\"]\n";
        configure(&dir, &[script]);
        let child = start(&dir, &["run"]);
        fs::read_to_string(dir.path().join("ready")).unwrap();
        signal(name, child.id());
        let output = child.wait_with_output().unwrap();
        let (code, text) = said(&output);
        assert_eq!(code, 128 + number, "{text}");
        assert!(text.contains(&format!("the run was interrupted by signal {number}")), "{text}");
        assert!(!runs(&read(&dir, "pid")), "{name}");
        assert_eq!(read(&dir, "after"), "told\nconcluded\ncleaned\n");
        let failure = &results(&dir)["failure"];
        assert!(failure["what"].as_str().unwrap().contains("interrupted"), "{failure}");
        assert!(read(&dir, "out/summary.md").contains("interrupted"));
    }
}

/// What an earlier session wrote is not taken for this one's, and what failed is in every artifact.
#[test]
fn artifacts_are_of_this_session_whatever_happens() {
    let dir = TempDir::new().unwrap();
    let good = reporter(dir.path(), "t", &report(r#""a":1,"b":1"#));
    configure(&dir, std::slice::from_ref(&good));
    assert_eq!(said(&gate(dir.path(), &["run"])).0, 0);
    assert!(read(&dir, "out/index.html").contains("The rule holds"));
    for (bad, says) in [
        (target("t", "echo it went wrong; exit 1"), "it went wrong"),
        (target("t", "kill -SEGV $$"), "signal: 11"),
        ("[[target]]\nname = \"t\"\ncommand = [\"./not-there\"]\n".into(), "./not-there"),
        (good.clone() + "setup = [\"sh\", \"-c\", \"echo no room; exit 1\"]\n", "no room"),
        (good.clone() + "cleanup = [\"sh\", \"-c\", \"echo it stays; exit 1\"]\n", "it stays"),
        (good.clone() + "conclude = [\"sh\", \"-c\", \"echo it stays; exit 1\"]\n", "it stays"),
    ] {
        configure(&dir, std::slice::from_ref(&bad));
        let mut command = Command::new(env!("CARGO_BIN_EXE_probe-gate"));
        command.current_dir(dir.path()).arg("run").env("GITHUB_ACTIONS", "true");
        let step_summary = dir.path().join("step-summary");
        command.env("GITHUB_STEP_SUMMARY", &step_summary);
        let (code, text) = said(&command.output().unwrap());
        assert_eq!(code, 4, "{bad}: {text}");
        assert!(
            text.contains("::error title=probe-gate%3A a run failed::") && text.contains(says),
            "{bad}: {text}"
        );
        for name in ["out/index.html", "out/summary.md", "out/junit.xml", "out/results.json", "step-summary"]
        {
            assert!(read(&dir, name).contains(says), "{name} does not say {says}: {bad}");
        }
        assert!(!read(&dir, "out/index.html").contains("The rule holds"), "{bad}");
        fs::remove_file(step_summary).unwrap();
    }
    configure(&dir, &[good]);
    assert_eq!(said(&gate(dir.path(), &["run"])).0, 0, "the twin");
    assert!(!read(&dir, "out/index.html").contains("it stays"));
}

/// A signal that was ignored when the gate was started, as `nohup` has it, ends nothing.
#[cfg(target_os = "linux")]
#[test]
fn a_signal_that_was_ignored_ends_nothing() {
    let dir = TempDir::new().unwrap();
    fifo(&dir, "ready");
    fifo(&dir, "go");
    fs::write(dir.path().join("good.json"), report(r#""a":1,"b":1"#)).unwrap();
    let script = "echo x > ready; cat go; cat good.json > $CONCURRENCY_PROBE_REPORT";
    configure(&dir, &[target("t", script)]);
    let config = read(&dir, "gates.toml").replace("[run]", "[run]\nwarmups = 0");
    fs::write(dir.path().join("gates.toml"), config).unwrap();
    for (ignored, code) in [("HUP", 0), ("INT", 129)] {
        let mut command = Command::new("sh");
        command.args([
            "-c",
            &format!("trap '' {ignored}; exec \"$0\" run --runs 1"),
            env!("CARGO_BIN_EXE_probe-gate"),
        ]);
        let child =
            command.current_dir(dir.path()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        fs::read_to_string(dir.path().join("ready")).unwrap();
        signal("-HUP", child.id());
        if code == 0 {
            // What is heard is heard before this: one that is heeded and is sent after it ends the gate.
            fs::write(dir.path().join("go"), "").unwrap();
        }
        let (found, text) = said(&child.wait_with_output().unwrap());
        assert_eq!(found, code, "{ignored} is ignored: {text}");
    }
}

/// Whatever was set up is cleaned up, also when the gate itself cannot go on.
#[test]
fn what_was_set_up_is_cleaned_up_when_the_gate_cannot_go_on() {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("good.json"), report(r#""a":1,"b":1"#)).unwrap();
    // The second round finds a directory where its log is to be.
    let t = target("t", "mkdir -p out/runs/t-2.log/x; cat good.json > $CONCURRENCY_PROBE_REPORT")
        + "cleanup = [\"sh\", \"-c\", \"echo cleaned >> after\"]\n";
    configure(&dir, &[t]);
    let (code, text) = said(&gate(dir.path(), &["run"]));
    assert!(code == 2 && text.contains("cannot remove out/runs/t-2.log"), "{text}");
    assert_eq!(read(&dir, "after"), "cleaned\n");
}

/// A target that prints without end is ended before the disk is full.
#[test]
fn a_target_that_prints_without_end_is_ended() {
    let dir = TempDir::new().unwrap();
    // Sparse: it takes no room.
    let script = "truncate -s 300M out/runs/t-warmup-1.log; exec sleep 999";
    configure(&dir, &[target("t", script)]);
    let (code, text) = said(&gate(dir.path(), &["run"]));
    assert!(code == 4 && text.contains("target t: the run printed more than 256 MiB"), "{text}");
    let good =
        reporter(dir.path(), "t", &report(r#""a":1,"b":1"#)).replace("; echo", "; echo; sleep 1.2; echo");
    configure(&dir, &[good]);
    assert_eq!(said(&gate(dir.path(), &["run", "--runs", "1"])).0, 0, "the twin is looked at, and goes on");
}

/// What a setup printed is of this session, as everything else in the folder.
#[test]
fn what_was_printed_is_of_this_session() {
    let dir = TempDir::new().unwrap();
    let good = reporter(dir.path(), "t", &report(r#""a":1,"b":1"#));
    let setup = |script: &str| good.clone() + &format!("setup = [\"sh\", \"-c\", \"{script}\"]\n");
    configure(&dir, &[setup("echo no room; exit 1")]);
    let (code, text) = said(&gate(dir.path(), &["run"]));
    assert!(code == 4 && text.contains("no room"), "{text}");
    fs::write(dir.path().join("out/runs/t-7.log"), "of a longer session").unwrap();
    configure(&dir, &[setup("exit 1")]);
    let (code, text) = said(&gate(dir.path(), &["run"]));
    assert!(code == 4 && !text.contains("no room"), "{text}");
    assert!(!dir.path().join("out/runs/t-7.log").exists());
    configure(&dir, &[setup("echo no room; exit 1")]);
    assert!(said(&gate(dir.path(), &["run"])).1.contains("no room"));
    configure(&dir, &[setup("exit 1")]);
    let (code, text) = said(&gate(dir.path(), &["run", "--resume"]));
    assert!(code == 4 && !text.contains("no room"), "one that goes on has a setup of its own: {text}");
    // The logs of runs that are kept are kept.
    configure(&dir, std::slice::from_ref(&good));
    assert_eq!(said(&gate(dir.path(), &["run"])).0, 0);
    assert_eq!(said(&gate(dir.path(), &["run", "--resume", "--runs", "3"])).0, 0);
    assert_eq!(read(&dir, "out/runs/t-1.log"), "t ran\n");
}

/// A setup cannot leave a process to the runs, and it is said that it was ended.
#[test]
fn a_process_that_a_setup_leaves_is_ended_and_said() {
    let dir = TempDir::new().unwrap();
    let good = reporter(dir.path(), "t", &report(r#""a":1,"b":1"#));
    configure(&dir, &[good + "setup = [\"sh\", \"-c\", \"sleep 999 & echo $! > pid\"]\n"]);
    let (code, text) = said(&gate(dir.path(), &["run"]));
    let says = "target t: processes that the setup had started were still running when it ended; the gate has ended them";
    assert!(code == 0 && text.contains(says), "{text}");
    assert!(!runs(&read(&dir, "pid")));
}

/// A run that was ended for what it printed is concluded, however much is in its log.
#[test]
fn what_prints_too_much_is_concluded() {
    let dir = TempDir::new().unwrap();
    let script = "truncate -s 300M out/runs/t-1.log; exec sleep 999";
    let conclude = "conclude = [\"sh\", \"-c\", \"sleep 1.2; echo concluded > after\"]\n";
    configure(&dir, &[target("t", script) + conclude]);
    let config = read(&dir, "gates.toml").replace("[run]", "[run]\nwarmups = 0");
    fs::write(dir.path().join("gates.toml"), config).unwrap();
    let (code, text) = said(&gate(dir.path(), &["run"]));
    assert!(code == 4 && text.contains("the run printed more than 256 MiB"), "{text}");
    assert_eq!(read(&dir, "after"), "concluded\n");
}

/// A signal that comes while what a preparation left is ended keeps the run from being begun.
#[test]
fn a_signal_between_two_steps_is_heard() {
    let dir = TempDir::new().unwrap();
    fifo(&dir, "ready");
    // What it leaves says when it is told to end, which is when the preparation has ended, and does not obey: it is killed after the grace.
    let orphan = "(trap 'echo x > ready' TERM; while :; do sleep 0.05; done) &";
    let prepare = format!("prepare = [\"sh\", \"-c\", \"{orphan}\"]\n");
    configure(&dir, &[target("t", "echo begun >> after; sleep 999") + &prepare]);
    let child = start(&dir, &["run"]);
    fs::read_to_string(dir.path().join("ready")).unwrap();
    signal("-TERM", child.id());
    let (code, text) = said(&child.wait_with_output().unwrap());
    assert_eq!((code, read(&dir, "after").as_str()), (143, ""), "{text}");
}

/// What is printed as JSON has the exit code that the program has, whatever could not be written.
#[test]
fn the_exit_code_in_json_is_that_of_the_program() {
    let dir = TempDir::new().unwrap();
    configure(&dir, &[reporter(dir.path(), "t", &report(r#""a":1,"b":1"#))]);
    for (summary, history, code) in [("step", "history", 0), ("no/where", "history2", 2)] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_probe-gate"));
        command.current_dir(dir.path()).args(["run", "--format", "json", "--history", history]);
        let output = command.env("GITHUB_STEP_SUMMARY", dir.path().join(summary)).output().unwrap();
        let said: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(
            (output.status.code(), &said["exit_code"]),
            (Some(code), &Value::from(code)),
            "{output:?}"
        );
        assert_eq!(read(&dir, history).lines().count(), 1, "what else is asked for is written");
    }
}

/// What a session writes and removes is its own: in a folder that no gate has made, a file of that name is somebody else's.
#[test]
fn a_folder_of_somebody_else_is_refused() {
    let dir = TempDir::new().unwrap();
    configure(&dir, &[reporter(dir.path(), "t", &report(r#""a":1,"b":1"#))]);
    fs::create_dir_all(dir.path().join("out")).unwrap();
    for name in ["index.html", "results.json", "trace.json", "runs", "checkouts"] {
        fs::write(dir.path().join("out").join(name), "precious").unwrap();
        let (code, text) = said(&gate(dir.path(), &["run"]));
        assert!(code == 2 && text.contains("exists, and was not made by a gate"), "{name}: {text}");
        assert_eq!(read(&dir, &format!("out/{name}")), "precious");
        fs::remove_file(dir.path().join("out").join(name)).unwrap();
    }
    fs::write(dir.path().join("out/notes"), "mine").unwrap();
    for _ in 0..2 {
        assert_eq!(said(&gate(dir.path(), &["run"])).0, 0, "the twin");
    }
    assert_eq!(read(&dir, "out/notes"), "mine");
}

/// Where JSON is printed, annotations go to standard error, which a runner reads as well.
#[test]
fn annotations_are_there_beside_json() {
    let dir = TempDir::new().unwrap();
    configure(&dir, &[reporter(dir.path(), "t", &report(r#""a":1,"b":2"#))]);
    let mut command = Command::new(env!("CARGO_BIN_EXE_probe-gate"));
    let output = command
        .current_dir(dir.path())
        .args(["run", "--format", "json"])
        .env("GITHUB_ACTIONS", "true")
        .output();
    let output = output.unwrap();
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(said["exit_code"], 1);
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("::error title=probe-gate%3A sums fails::"),
        "{output:?}"
    );
}
