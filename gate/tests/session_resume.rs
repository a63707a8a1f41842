//! Sessions of `probe-gate run`: one goes on with another.
#![cfg(unix)]

mod support;

use serde_json::json;
use std::fs;
use std::io::Write;
use support::{configure, fifo, gate, read, report, reporter, results, said, signal, start, target};
use tempfile::TempDir;

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

/// Runs of another program, another command or another machine are not runs of this one.
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
        assert!(code == 2 && text.contains(says) && text.contains("start again without --resume"), "{text}");
        assert_eq!(read(&dir, "out/results.json"), before, "nothing is lost");
    };
    begin();
    configure(&dir, &[format!("{sh}env = {{ A = \"1\" }}\n")]);
    refused("the command, the environment, or what runs before or after `t` has changed since");
    begin();
    script(&dir, "# built anew");
    refused("the program of `t` has changed since");
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
    fs::write(dir.path().join("out/probe-gate.lock"), "").unwrap();
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

/// A session that is gone on with and cannot be has lost none of its runs: they are removed only when the new journal has them.
#[test]
fn runs_are_kept_when_a_session_cannot_be_gone_on_with() {
    let dir = TempDir::new().unwrap();
    configure(&dir, &[reporter(dir.path(), "t", &report(r#""a":1,"b":1"#))]);
    assert_eq!(said(&gate(dir.path(), &["run"])).0, 0);
    let before = read(&dir, "out/results.json");
    fs::create_dir_all(dir.path().join("out/session.new/x")).unwrap();
    let (code, text) = said(&gate(dir.path(), &["run", "--resume"]));
    assert!(code == 2 && text.contains("cannot write out/session.new"), "{text}");
    assert_eq!(read(&dir, "out/results.json"), before);
    fs::remove_dir_all(dir.path().join("out/session.new")).unwrap();
    assert_eq!(said(&gate(dir.path(), &["run", "--resume"])).0, 0, "the twin");
    assert!(!dir.path().join("out/session.new").exists());
}
