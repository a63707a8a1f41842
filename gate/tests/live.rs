//! What is known of a program that hangs.
#![cfg(unix)]

mod support;

use concurrency_probe::{Live, Scope, concurrency_probe};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Barrier, Mutex};
use std::time::{Duration, Instant};
use support::said;
use tempfile::TempDir;

#[concurrency_probe(scope = "install")]
fn link(first: &Mutex<()>, second: &Mutex<()>, both: &Barrier, hangs: bool) {
    let held = first.lock();
    both.wait();
    if hangs {
        let _never = second.lock();
    }
    drop(held);
}

/// Says to this program, when a test has started it, what it is to do: `hangs` or `ends`.
const ROLE: &str = "ROLE_OF_THE_PROGRAM";

/// The program: two calls wait for each other's lock, if they are to. Of a test run by itself there is nothing to do.
#[test]
fn program() {
    let Ok(role) = std::env::var(ROLE) else { return };
    let hangs = role == "hangs";
    let install = Scope::open("install");
    let (a, b, both) = (Mutex::new(()), Mutex::new(()), Barrier::new(2));
    std::thread::scope(|threads| {
        for (first, second) in [(&a, &b), (&b, &a)] {
            let install = install.handle();
            let both = &both;
            threads.spawn(move || install.run(|| link(first, second, both, hangs)));
        }
    });
}

/// This program, as one that does what its role says.
fn command() -> Vec<String> {
    let own = std::env::current_exe().unwrap();
    [own.to_str().unwrap(), "--exact", "program", "--nocapture"].map(str::to_owned).to_vec()
}

fn ends() -> Command {
    let command = command();
    let mut ends = Command::new(&command[0]);
    ends.args(&command[1..]).env(ROLE, "ends");
    ends
}

/// Waits for a live file that says this.
fn wait_for(path: &Path, says: impl Fn(&Live) -> bool) -> Live {
    let began = Instant::now();
    loop {
        // It is replaced in one step, so whatever is there is whole.
        if let Ok(bytes) = fs::read(path) {
            let live: Live = serde_json::from_slice(&bytes).unwrap();
            if says(&live) {
                return live;
            }
        }
        assert!(began.elapsed() < Duration::from_secs(120), "{} does not say so", path.display());
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_gate_says_who_was_inside_what() {
    let dir = TempDir::new().unwrap();
    let config = format!(
        "[run]\nwarmups = 0\nout = \"out\"\n[[target]]\nname = \"t\"\ncommand = {:?}\nenv = {{ {ROLE} = \"hangs\" }}\n",
        command()
    );
    fs::write(dir.path().join("gates.toml"), config).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_probe-gate"));
    command.arg("run").current_dir(dir.path()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    let live = wait_for(&dir.path().join("out/runs/t-1.live.json"), |live| {
        live.scopes.iter().flat_map(|scope| &scope.probes).any(|probe| probe.inside == 2)
    });
    assert_eq!((live.schema.as_str(), live.scopes[0].scope.as_str()), (Live::SCHEMA, "install"));
    assert!(Command::new("kill").arg(child.id().to_string()).status().unwrap().success());
    let (code, text) = said(&child.wait_with_output().unwrap());
    assert_eq!(code, 143, "{text}");
    assert!(text.contains("2 calls were inside of `link` (gate/tests/live.rs:"), "{text}");
    assert!(
        text.contains(") in scope `install`, and for ")
            && text.contains("s none had begun or ended; 0 had ended before"),
        "{text}"
    );
    assert!(fs::read_to_string(dir.path().join("out/summary.md")).unwrap().contains("2 calls were inside"));
}

#[test]
fn a_program_that_ends_says_that_nothing_is_open() {
    let dir = TempDir::new().unwrap();
    let live = dir.path().join("live.json");
    let output = ends().env("CONCURRENCY_PROBE_LIVE", &live).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    assert_eq!(wait_for(&live, |_| true).scopes, []);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing else is left");
}

/// What cannot be written is a warning, once, and does not fail the program.
#[test]
fn a_file_that_cannot_be_written_is_a_warning() {
    let live = "/nowhere/live.json";
    let output = ends().env("CONCURRENCY_PROBE_LIVE", live).output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{text}");
    assert_eq!(
        text.matches("CONCURRENCY_PROBE_LIVE could not be written to /nowhere/live.json").count(),
        1,
        "{text}"
    );
    for unset in [None, Some("")] {
        let mut command = ends();
        command.env_remove("CONCURRENCY_PROBE_LIVE");
        let output = command.envs(unset.map(|value| ("CONCURRENCY_PROBE_LIVE", value))).output().unwrap();
        assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    }
}
