//! Sessions of `probe-gate run`: what is run, what ends it, and what is left of it.
#![cfg(unix)]

mod support;

use serde_json::{Value, json};
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use support::{RULE, configure, gate, report, reporter, said, target};
use tempfile::TempDir;

fn read(dir: &TempDir, name: &str) -> String {
    fs::read_to_string(dir.path().join(name)).unwrap_or_default()
}

fn results(dir: &TempDir) -> Value {
    serde_json::from_str(&read(dir, "out/results.json")).unwrap()
}

/// Starts a gate that somebody else ends.
fn start(dir: &TempDir, arguments: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_probe-gate"));
    command
        .current_dir(dir.path())
        .args(arguments)
        .env_remove("GITHUB_ACTIONS")
        .env_remove("GITHUB_STEP_SUMMARY");
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).stdin(Stdio::null()).spawn().unwrap()
}

/// Two programs meet at it: each waits for the other.
fn fifo(dir: &TempDir, name: &str) {
    assert!(Command::new("mkfifo").arg(dir.path().join(name)).status().unwrap().success());
}

fn signal(signal: &str, pid: u32) {
    assert!(Command::new("kill").args([signal, &pid.to_string()]).status().unwrap().success());
}

/// Whether a process runs. One that nobody has waited for yet does not.
fn runs(pid: &str) -> bool {
    match fs::read_to_string(format!("/proc/{}/stat", pid.trim())) {
        Ok(stat) => !stat.rsplit(')').next().unwrap_or_default().trim_start().starts_with('Z'),
        Err(_) if Path::new("/proc/self/stat").exists() => false,
        Err(_) => Command::new("kill").args(["-0", pid.trim()]).status().unwrap().success(),
    }
}

fn with_timeout(dir: &TempDir, seconds: &str) {
    let config = read(dir, "gates.toml").replace("timeout_s = 20", &format!("timeout_s = {seconds}"));
    fs::write(dir.path().join("gates.toml"), config).unwrap();
}

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

/// What was measured before something broke is not measured again.
#[test]
fn a_session_is_gone_on_with() {
    let dir = TempDir::new().unwrap();
    let good = reporter(dir.path(), "good", &report(r#""a":1,"b":1"#));
    let fragile = reporter(dir.path(), "fragile", &report(r#""a":1,"b":1"#))
        .replace("; echo", "; test ! -e broken; echo");
    let fragile = fragile.replace("; echo fragile ran", " && echo ran >> ran-fragile");
    configure(&dir, &[good, fragile]);
    fs::write(dir.path().join("broken"), "").unwrap();
    assert_eq!(said(&gate(dir.path(), &["run"])).0, 4);
    fs::remove_file(dir.path().join("broken")).unwrap();
    let (code, text) = said(&gate(dir.path(), &["run", "--resume"]));
    assert_eq!(code, 0, "{text}");
    let before = fs::read_to_string(dir.path().join("ran-fragile")).unwrap();
    // Everything is there: only the warm-ups are run.
    assert_eq!(said(&gate(dir.path(), &["run", "--resume"])).0, 0);
    let after = fs::read_to_string(dir.path().join("ran-fragile")).unwrap();
    assert_eq!(after.lines().count(), before.lines().count() + 1);
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
            "were still there when it had ended",
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
    for (name, number) in [("-TERM", 15), ("-INT", 2), ("-HUP", 1)] {
        let dir = TempDir::new().unwrap();
        fifo(&dir, "ready");
        let script = target(
            "t",
            "trap 'echo told >> after; exit 1' TERM INT HUP; echo $$ > pid; echo x > ready; while :; do sleep 0.1; done",
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

#[test]
fn a_folder_has_one_gate_at_a_time() {
    let dir = TempDir::new().unwrap();
    fifo(&dir, "ready");
    fifo(&dir, "go");
    fs::write(dir.path().join("good.json"), report(r#""a":1,"b":1"#)).unwrap();
    let script = "echo x > ready; cat go; cat good.json > $CONCURRENCY_PROBE_REPORT";
    configure(&dir, &[target("t", script)]);
    let child = start(&dir, &["run", "--runs", "1"]);
    fs::read_to_string(dir.path().join("ready")).unwrap();
    let (code, text) = said(&gate(dir.path(), &["run"]));
    assert!(code == 2 && text.contains("another gate is running in out"), "{text}");
    fs::write(dir.path().join("go"), "").unwrap();
    fs::read_to_string(dir.path().join("ready")).unwrap();
    fs::write(dir.path().join("go"), "").unwrap();
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(0));
}

/// Runs of another program, another command or another machine are no runs of this one.
#[test]
fn a_session_is_gone_on_with_only_if_it_is_the_same() {
    let script = |dir: &TempDir, text: &str| {
        fs::write(dir.path().join("run.sh"), format!("cat t.json > $CONCURRENCY_PROBE_REPORT {text}\n"))
            .unwrap();
    };
    let sh = "[[target]]\nname = \"t\"\ncommand = [\"sh\", \"run.sh\"]\n";
    let dir = TempDir::new().unwrap();
    reporter(dir.path(), "t", &report(r#""a":1,"b":1"#));
    let begin = || {
        script(&dir, "");
        configure(&dir, &[sh.into()]);
        assert_eq!(said(&gate(dir.path(), &["run"])).0, 0);
        assert_eq!(said(&gate(dir.path(), &["run", "--resume", "--runs", "3"])).0, 0, "the twin");
        assert_eq!(results(&dir)["runs"].as_array().unwrap().len(), 3);
    };
    let refused = |says: &str| {
        let before = read(&dir, "out/results.json");
        let (code, text) = said(&gate(dir.path(), &["run", "--resume"]));
        assert!(code == 2 && text.contains(says) && text.contains("begin anew without --resume"), "{text}");
        assert_eq!(read(&dir, "out/results.json"), before, "nothing is lost");
    };
    begin();
    configure(&dir, &[format!("{sh}env = {{ A = \"1\" }}\n")]);
    refused("the command, the environment or what goes before or after `t` was another one then");
    begin();
    script(&dir, "# built anew");
    refused("the program of `t` was another one then");
    begin();
    let mut other = results(&dir);
    other["made"]["host"]["cores"] = json!(1000);
    fs::write(dir.path().join("out/results.json"), other.to_string()).unwrap();
    refused("1000 cores");
    other.as_object_mut().unwrap().remove("made");
    fs::write(dir.path().join("out/results.json"), other.to_string()).unwrap();
    refused("they do not say what was run");
}

/// A gate that is killed loses no run but the one that it was in.
#[test]
fn a_session_that_was_killed_is_gone_on_with() {
    let dir = TempDir::new().unwrap();
    fifo(&dir, "ready");
    fs::write(dir.path().join("good.json"), report(r#""a":1,"b":1"#)).unwrap();
    let script = "echo run >> ran; cat good.json > $CONCURRENCY_PROBE_REPORT; \
                  if [ \"$(wc -l < ran)\" -eq 3 ] && [ ! -e second ]; then echo $$ > pid; echo x > ready; exec sleep 999; fi";
    configure(&dir, &[target("t", script)]);
    fs::create_dir(dir.path().join("out")).unwrap();
    fs::write(dir.path().join("out/index.html"), "all is well").unwrap();
    let mut child = start(&dir, &["run"]);
    fs::read_to_string(dir.path().join("ready")).unwrap();
    assert!(!dir.path().join("out/index.html").exists(), "it is of an earlier session");
    child.kill().unwrap();
    child.wait().unwrap();
    // Nobody could end its target.
    signal("-KILL", read(&dir, "pid").trim().parse().unwrap());
    assert!(!dir.path().join("out/results.json").exists());
    let journal = dir.path().join("out/session.ndjson");
    assert_eq!(fs::read_to_string(&journal).unwrap().lines().count(), 2, "a head and a run");
    // It was killed while it wrote.
    fs::File::options().append(true).open(&journal).unwrap().write_all(b"{\"target\":\"t\",\"rou").unwrap();
    fs::write(dir.path().join("second"), "").unwrap();
    let (code, text) = said(&gate(dir.path(), &["run", "--resume"]));
    assert_eq!(code, 0, "{text}");
    // A warm-up, a run and one that was killed; then a warm-up and the other run.
    assert_eq!(read(&dir, "ran").lines().count(), 5);
    assert_eq!(results(&dir)["runs"].as_array().unwrap().len(), 2);
    assert!(!journal.exists());

    fs::write(&journal, "{\"schema\":\"probe-gate-session/9\"}\n").unwrap();
    let (code, text) = said(&gate(dir.path(), &["run", "--resume"]));
    assert!(code == 2 && text.contains("session.ndjson:1: it is not a run of a session"), "{text}");
}

/// Each target has an empty standard input, logs of its own, and what the configuration says of it.
#[test]
fn what_a_target_is_run_with() {
    let dir = TempDir::new().unwrap();
    let good = reporter(dir.path(), "good", &report(r#""a":1,"b":1"#));
    let reads = target(
        "reads",
        "cat >> got; echo said $SAYS; cat good.json > $CONCURRENCY_PROBE_REPORT; exit 7",
    ) + "exit_codes = [7]\ntimeout_s = 60\nenv = { SAYS = \"what\" }\n\
           setup = [\"sh\", \"-c\", \"echo setup $SAYS >> order\"]\ncleanup = [\"sh\", \"-c\", \"echo cleanup >> order\"]\n\
           prepare = [\"sh\", \"-c\", \"echo prepare >> order\"]\nconclude = [\"sh\", \"-c\", \"echo conclude >> order\"]\n";
    configure(&dir, &[good, reads]);
    let config = read(&dir, "gates.toml")
        .replace("[run]\n", "[run]\nsetup = [\"sh\", \"-c\", \"echo all >> order\"]\ncleanup = [\"sh\", \"-c\", \"echo end >> order\"]\n");
    fs::write(dir.path().join("gates.toml"), config).unwrap();
    for _ in 0..2 {
        let mut child = Command::new(env!("CARGO_BIN_EXE_probe-gate"))
            .current_dir(dir.path())
            .arg("run")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(b"meant for the gate").unwrap();
        let (code, text) = said(&child.wait_with_output().unwrap());
        assert_eq!(code, 0, "{text}");
        // There is no terminal, and who looks on sees each round.
        assert!(text.contains("round 1 of 2: good 0.") && text.contains("round 2 of 2: "), "{text}");
        assert_eq!(read(&dir, "got"), "");
        let run = "prepare\nconclude\n".repeat(3);
        assert_eq!(read(&dir, "order"), format!("all\nsetup what\n{run}cleanup\nend\n"));
        fs::remove_file(dir.path().join("order")).unwrap();
        assert_eq!(read(&dir, "out/runs/reads-1.log"), "said what\n", "of this session alone");
        assert_eq!(read(&dir, "out/runs/reads-warmup-1.log"), "said what\n");
    }
    let results = results(&dir);
    for run in results["runs"].as_array().unwrap() {
        assert!(run["involuntary_switches"].is_u64(), "{run}");
    }
    let made = &results["made"];
    assert!(
        made["host"]["cores"].as_u64().unwrap() > 0 && made["date"].as_str().unwrap().ends_with('Z'),
        "{made}"
    );
    assert_eq!(made["targets"].as_object().unwrap().len(), 2);
}

#[test]
fn parts_of_a_configuration_are_run() {
    let dir = TempDir::new().unwrap();
    let targets = ["one", "two"].map(|name| reporter(dir.path(), name, &report(r#""a":1,"b":1"#)));
    configure(&dir, &targets);
    let rule = RULE.replace("\"sums\"", "\"of two\"").replace("kind", "target = \"two\"\nkind");
    let config = read(&dir, "gates.toml") + &rule;
    fs::write(dir.path().join("gates.toml"), config).unwrap();
    for (arguments, code, says, names) in [
        (&["--runs", "3"][..], 0, "round 3 of 3", &["one", "two"][..]),
        (&["--target", "one"], 0, "1 rules are left out", &["one"]),
        (&["--target", "t*", "--target", "one"], 0, "of two: holds", &["one", "two"]),
        (&["--rule", "of *"], 0, "of two: holds", &["one", "two"]),
        (&["--skip", "su*"], 0, "of two: holds", &["one", "two"]),
        (&["--skip", "sum"], 2, "there is no rule `sum`; is it `sums`?", &[]),
        (&["--skip", "*"], 3, "no rule: nothing was judged", &["one", "two"]),
        (&["--target", "on"], 2, "there is no target `on`; is it `one`?", &[]),
        (&["--rule", "sum"], 2, "there is no rule `sum`; is it `sums`?", &[]),
        (&["--runs", "0"], 2, "0 is not in 1..=10000", &[]),
        (&["--budget", "-1"], 2, "", &[]),
        (&["--budget", "0.000001"], 0, "round 1 of 2", &["one", "two"]),
    ] {
        let _ = fs::remove_dir_all(dir.path().join("out"));
        let (found, text) = said(&gate(dir.path(), &[&["run"], arguments].concat()));
        assert!(found == code && text.contains(says), "{arguments:?}: {found} {text}");
        if code == 2 {
            continue;
        }
        let results = results(&dir);
        let runs = results["runs"].as_array().unwrap();
        let mut found: Vec<_> = runs.iter().map(|run| run["target"].as_str().unwrap()).collect();
        found.sort_unstable();
        found.dedup();
        assert_eq!(found, names, "{arguments:?}");
        assert_eq!(runs.len() == 6, arguments == ["--runs", "3"], "{arguments:?}");
    }
    // Of a budget that is used up by a warm-up, one round is made all the same.
    assert_eq!(results(&dir)["runs"].as_array().unwrap().len(), 2);
}

/// A matrix: whether more threads make it faster.
#[test]
fn a_target_is_run_with_each_value_of_a_parameter() {
    let dir = TempDir::new().unwrap();
    for (count, threads) in [(400, 1), (200, 2), (100, 4)] {
        fs::write(
            dir.path().join(format!("{threads}.json")),
            report(&format!("\"a\":{count},\"b\":{count}")),
        )
        .unwrap();
    }
    let link = target("link", "cat $RAYON_NUM_THREADS.json > $CONCURRENCY_PROBE_REPORT")
        + "env = { RAYON_NUM_THREADS = \"{threads}\" }\nmatrix = { threads = [1, 2, 4] }\n";
    let rule = |to: u32, at_least: f64| {
        format!(
            "[[rule]]\nname = \"scales to {to}, {at_least}\"\nwhy = \"w\"\nkind = \"scaling\"\ntarget = \"link\"\nparameter = \"threads\"\n\
             from = 1\nto = {to}\nmetric = \"counts.a\"\nat_least = {at_least}\n"
        )
    };
    configure(&dir, &[link]);
    let config = read(&dir, "gates.toml") + &rule(4, 3.5) + &rule(4, 4.5) + &rule(2, 1.9);
    fs::write(dir.path().join("gates.toml"), &config).unwrap();
    let (code, text) = said(&gate(dir.path(), &["run", "--runs", "5"]));
    assert_eq!(code, 1, "{text}");
    for says in [
        "scales to 4, 3.5: holds\n    link is 4.000 [4.000, 4.000] times as fast with threads 4 as with 1, at least 3.500 is asked for",
        "scales to 4, 4.5: fails",
        "scales to 2, 1.9: holds",
    ] {
        assert!(text.contains(says), "{says}: {text}");
    }
    for (from, to, says) in [
        ("to = 4", "to = 8", "there is no target `link.threads-8`; is it `link.threads-4`?"),
        ("{threads}", "{thread}", "target `link` does not use its parameter `threads`: write `{threads}`"),
        ("[1, 2, 4]", "[]", "the parameter `threads` of target `link` has no value"),
        ("[1, 2, 4]", "[\"a b\"]", "the matrix of target `link` has `a b`: expected letters"),
    ] {
        fs::write(dir.path().join("gates.toml"), config.replace(from, to)).unwrap();
        let (code, text) = said(&gate(dir.path(), &["run"]));
        assert!(code == 2 && text.contains(says), "{text}");
    }
}

/// A finding of a report fails a rule, and is annotated where it is in the source.
#[test]
fn findings_are_judged_and_annotated() {
    let finding = |kind: &str| json!({ "kind": kind, "file": "src/install.rs", "line": 207, "message": "a pass per item" });
    let report = |findings: Vec<Value>| {
        json!({ "schema": "concurrency-probe/1", "scope": "s", "wall_ns": 1, "counts": {}, "phases": [], "probes": [], "passes": [],
                "findings": findings })
        .to_string()
    };
    let rule = |of: &str| {
        format!(
            "[run]\nruns = 2\nout = \"out\"\n[[rule]]\nname = \"none\"\nwhy = \"w\"\nkind = \"findings\"\n{of}\n"
        )
    };
    for (findings, of, code) in [
        (vec![], "", 0),
        (vec![finding("degenerate_passes")], "", 1),
        (vec![finding("degenerate_passes")], "of = [\"degenerate_passes\"]", 1),
        (vec![finding("degenerate_passes")], "of = [\"nested_scope\"]", 0),
    ] {
        let dir = TempDir::new().unwrap();
        let target = reporter(dir.path(), "t", &report(findings.clone()));
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
    assert!(code == 2 && text.contains("is it `degenerate_passes`?"), "{text}");
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
        ("scope = \"instal\"\n", 3, "there is no scope `instal`; is it `install`?"),
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
    }
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
