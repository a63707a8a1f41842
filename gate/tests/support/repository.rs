//! `Repository`: one of git, with a configuration whose target reports what its commit says.

use super::{RULE, gate, report, said};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// git, as a person who has no configuration of their own.
pub(crate) fn git(dir: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new("git");
    command.current_dir(dir).args([
        "-c",
        "user.name=a",
        "-c",
        "user.email=a@b",
        "-c",
        "commit.gpgsign=false",
    ]);
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    let output = command.args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// A target that reports what is in a file of its commit.
pub(crate) const TARGET: &str = "[[target]]\nname = \"link\"\ncommand = [\"sh\", \"link.sh\"]\n";
/// Times of a machine say nothing in a test.
pub(crate) const COMPARE: &str = "[compare]\nmetrics = [\"report_ns\"]\n";

pub(crate) struct Repository(TempDir);

impl Repository {
    /// With a first commit, whose target reports these counts and this time.
    pub(crate) fn new(counts: &str, wall_ns: u64) -> Self {
        let repository = Repository(TempDir::new().unwrap());
        git(repository.path(), &["init", "--quiet", "--initial-branch", "main"]);
        repository.write(".gitignore", "out\n");
        repository.write("link.sh", "cat report.json > $CONCURRENCY_PROBE_REPORT; echo ran in $(pwd)\n");
        repository.configure(COMPARE);
        repository.commit(counts, wall_ns);
        repository
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path().join(name), text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path().join(name)).unwrap_or_default()
    }

    pub(crate) fn configure(&self, compare: &str) {
        let run = "[run]\nruns = 5\nwarmups = 0\ntimeout_s = 20\nout = \"out\"\n";
        self.write("gates.toml", &format!("{run}{compare}{TARGET}{RULE}"));
    }

    pub(crate) fn report(&self, counts: &str, wall_ns: u64) {
        self.write(
            "report.json",
            &report(counts).replace("\"wall_ns\":1", &format!("\"wall_ns\":{wall_ns}")),
        );
    }

    pub(crate) fn commit(&self, counts: &str, wall_ns: u64) -> String {
        self.report(counts, wall_ns);
        git(self.path(), &["add", "--all"]);
        git(self.path(), &["commit", "--quiet", "--allow-empty", "--message", "m"]);
        git(self.path(), &["rev-parse", "HEAD"])
    }

    pub(crate) fn compare(&self, arguments: &[&str]) -> (i32, String) {
        said(&gate(self.path(), &[&["compare"], arguments].concat()))
    }

    pub(crate) fn results(&self) -> Value {
        serde_json::from_str(&self.read("out/results.json")).unwrap()
    }

    /// That no checkout is left: neither its files, nor what git knows of it.
    pub(crate) fn is_clean(&self) {
        assert!(!self.path().join("out/checkouts").exists());
        let worktrees = git(self.path(), &["worktree", "list", "--porcelain"]);
        assert_eq!(worktrees.matches("worktree ").count(), 1, "{worktrees}");
    }
}
