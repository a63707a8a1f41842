//! Sessions of `probe-gate run`: what is run.
#![cfg(unix)]

mod support;

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};
use support::{RULE, configure, gate, read, report, reporter, results, said, target};
use tempfile::TempDir;

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
        (&["--target", "one"], 0, "1 rule is left out: it is about targets that are not run", &["one"]),
        (&["--target", "t*", "--target", "one"], 0, "of two: holds", &["one", "two"]),
        (&["--rule", "of *"], 0, "of two: holds", &["one", "two"]),
        (&["--skip", "su*"], 0, "of two: holds", &["one", "two"]),
        (&["--skip", "sum"], 2, "there is no rule `sum`; did you mean `sums`?", &[]),
        (&["--skip", "*"], 3, "there is no rule, so nothing was judged", &["one", "two"]),
        (&["--target", "on"], 2, "there is no target `on`; did you mean `one`?", &[]),
        (&["--rule", "sum"], 2, "there is no rule `sum`; did you mean `sums`?", &[]),
        (&["--runs", "0"], 2, "0 is not in 1..=10000", &[]),
        (&["--budget=-1"], 2, "`budget_s` is -1", &[]),
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
        ("to = 4", "to = 8", "there is no target `link.threads-8`; did you mean `link.threads-4`?"),
        ("{threads}", "{thread}", "target `link` does not use its parameter `threads`: write `{threads}`"),
        ("[1, 2, 4]", "[]", "the parameter `threads` of target `link` has no value"),
        ("[1, 2, 4]", "[\"a b\"]", "the matrix of target `link` has `a b`: expected letters"),
    ] {
        fs::write(dir.path().join("gates.toml"), config.replace(from, to)).unwrap();
        let (code, text) = said(&gate(dir.path(), &["run"]));
        assert!(code == 2 && text.contains(says), "{text}");
    }
}

/// The peak of a program that needs more memory than the gate is that program's own.
#[test]
fn the_peak_of_memory_is_of_the_program() {
    let dir = TempDir::new().unwrap();
    // A line of 64 MB is kept in memory as a whole.
    let good = reporter(dir.path(), "t", &report(r#""a":1,"b":1"#))
        .replace("; echo t ran", "; head -c 64000000 /dev/zero | tr '\\0' x | grep -c x");
    configure(&dir, &[good]);
    let (code, text) = said(&gate(dir.path(), &["run", "--runs", "1"]));
    assert_eq!(code, 0, "{text}");
    let peak = results(&dir)["runs"][0]["peak_bytes"].as_u64().unwrap();
    assert!((64_000_000..1_000_000_000).contains(&peak), "{peak}");
}
