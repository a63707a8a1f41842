//! Programs of other languages that write a report, as README shows them.
#![cfg(unix)]

mod support;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use support::{gate, said};
use tempfile::TempDir;

/// Whether a program is on this machine.
fn is_there(program: &str, argument: &str) -> bool {
    let mut command = Command::new(program);
    command.arg(argument).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

#[test]
fn each_language_writes_a_report() {
    let reporters = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/reporters");
    let mut tried = 0;
    for (file, program, version, arguments) in [
        ("report.sh", "sh", "", &[][..]),
        ("report.py", "python3", "--version", &[]),
        ("report.mjs", "node", "--version", &[]),
        ("report.go", "go", "version", &["run"]),
    ] {
        if program != "sh" && !is_there(program, version) {
            println!("left out: there is no `{program}` on this machine");
            continue;
        }
        tried += 1;
        let dir = TempDir::new().unwrap();
        let command: Vec<String> = [program]
            .into_iter()
            .chain(arguments.iter().copied())
            .map(str::to_owned)
            .chain([reporters.join(file).display().to_string()])
            .collect();
        let config = format!(
            "[run]\nruns = 1\nwarmups = 0\nout = \"out\"\n[[target]]\nname = \"t\"\ncommand = {command:?}\n\
             [[rule]]\nname = \"linked\"\nwhy = \"w\"\nkind = \"metric\"\nmetric = \"counts.linked\"\nat_least = 8\nat_most = 8\n"
        );
        fs::write(dir.path().join("gates.toml"), config).unwrap();
        let (code, text) = said(&gate(dir.path(), &["run"]));
        assert_eq!(code, 0, "{file}: {text}");
        let lines = fs::read_to_string(reporters.join(file)).unwrap();
        let lines = lines.lines().filter(|line| !line.trim().is_empty()).count();
        assert!(lines <= 12, "{file} has {lines} lines");
        // Without the variable it does nothing, and does not fail.
        let mut alone = Command::new(program);
        alone.args(&command[1..]).env_remove("CONCURRENCY_PROBE_REPORT").current_dir(dir.path());
        assert!(alone.output().unwrap().status.success(), "{file}");
    }
    assert!(tried > 0);
}

/// README shows these files, word for word, and the least line that is a report.
#[test]
fn readme_shows_them() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    for file in ["report.py", "report.mjs", "report.go", "report.sh"] {
        let text =
            fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/reporters").join(file));
        assert!(readme.contains(text.unwrap().trim()), "{file}");
    }
    let lines: Vec<&str> = readme.lines().filter(|line| line.starts_with("{\"schema\"")).collect();
    assert_eq!(lines.len(), 2, "a whole report and the least one");
    for line in lines {
        concurrency_probe_gate::ReportLine::parse(line.as_bytes())
            .unwrap_or_else(|error| panic!("{error}: {line}"));
    }
}
