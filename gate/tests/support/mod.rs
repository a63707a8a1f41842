//! The program `probe-gate`, run on a configuration of a test.
#![allow(dead_code, reason = "each test uses a part of it")]

pub(crate) mod agreement;
pub(crate) mod browser;
pub(crate) mod history_line;
pub(crate) mod page;
pub(crate) mod repository;

use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use tempfile::TempDir;

/// Runs the program.
pub(crate) fn gate(dir: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_probe-gate"));
    command.current_dir(dir).args(arguments).env_remove("GITHUB_ACTIONS").env_remove("GITHUB_STEP_SUMMARY");
    command.output().unwrap()
}

/// The exit code, and what was printed on either.
pub(crate) fn said(output: &Output) -> (i32, String) {
    let text = [&output.stdout[..], &output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(text).unwrap())
}

/// A target that runs this script.
pub(crate) fn target(name: &str, script: &str) -> String {
    format!("[[target]]\nname = \"{name}\"\ncommand = [\"sh\", \"-c\", '''{script}''']\n")
}

pub(crate) const RULE: &str = r#"
[[rule]]
name = "sums"
why = "they must"
kind = "conserve"
sum = "counts.a"
equals = "counts.b"
"#;

/// A target whose report is written by `cat` of a file, so that no shell sees its quotes.
pub(crate) fn reporter(dir: &Path, name: &str, report: &str) -> String {
    fs::write(dir.join(format!("{name}.json")), report).unwrap();
    target(name, &format!("cat {name}.json > $CONCURRENCY_PROBE_REPORT; echo {name} ran"))
}

pub(crate) fn report(counts: &str) -> String {
    format!(
        r#"{{"schema":"concurrency-probe/1","scope":"s","wall_ns":1,"counts":{{{counts}}},"phases":[],"probes":[],"passes":[],"findings":[]}}"#
    ) + "\n"
}

/// Writes a configuration with these targets.
pub(crate) fn configure(dir: &TempDir, targets: &[String]) {
    let run = "[run]\nruns = 2\ntimeout_s = 20\nout = \"out\"\n";
    fs::write(dir.path().join("gates.toml"), format!("{run}{}{RULE}", targets.concat())).unwrap();
}

/// What is in a file of the configuration's folder; nothing if there is none.
pub(crate) fn read(dir: &TempDir, name: &str) -> String {
    fs::read_to_string(dir.path().join(name)).unwrap_or_default()
}

/// The results of the session.
pub(crate) fn results(dir: &TempDir) -> Value {
    serde_json::from_str(&read(dir, "out/results.json")).unwrap()
}

/// Starts a gate that somebody else ends.
pub(crate) fn start(dir: &TempDir, arguments: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_probe-gate"));
    command
        .current_dir(dir.path())
        .args(arguments)
        .env_remove("GITHUB_ACTIONS")
        .env_remove("GITHUB_STEP_SUMMARY");
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).stdin(Stdio::null()).spawn().unwrap()
}

/// Two programs meet at it: each waits for the other.
pub(crate) fn fifo(dir: &TempDir, name: &str) {
    assert!(Command::new("mkfifo").arg(dir.path().join(name)).status().unwrap().success());
}

/// Sends a signal.
pub(crate) fn signal(signal: &str, pid: u32) {
    assert!(Command::new("kill").args([signal, &pid.to_string()]).status().unwrap().success());
}

/// Whether a process runs. One that nobody has waited for yet does not.
pub(crate) fn runs(pid: &str) -> bool {
    match fs::read_to_string(format!("/proc/{}/stat", pid.trim())) {
        Ok(stat) => !stat.rsplit(')').next().unwrap_or_default().trim_start().starts_with('Z'),
        Err(_) if Path::new("/proc/self/stat").exists() => false,
        Err(_) => Command::new("kill").args(["-0", pid.trim()]).status().unwrap().success(),
    }
}

/// Gives each run so many seconds.
pub(crate) fn with_timeout(dir: &TempDir, seconds: &str) {
    let config = read(dir, "gates.toml").replace("timeout_s = 20", &format!("timeout_s = {seconds}"));
    fs::write(dir.path().join("gates.toml"), config).unwrap();
}
