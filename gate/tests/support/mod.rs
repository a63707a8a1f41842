//! The program `probe-gate`, run on a configuration of a test.
#![allow(dead_code, reason = "each test uses a part of it")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
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
