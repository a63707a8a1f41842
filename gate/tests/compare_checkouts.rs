//! What `probe-gate compare` leaves behind, and what it leaves alone: checkouts, hooks, links and the work trees of others.
#![cfg(unix)]

mod support;

use std::fs;
use std::process::{Child, Command, Stdio};
use support::repository::{COMPARE, Repository, git};
use support::said;
use tempfile::TempDir;

/// A hook calls it with variables that name another index, and hooks of the repository are not run.
#[test]
fn a_hook_may_compare_and_no_hook_is_run() {
    let repository = Repository::new(r#""a":1,"b":1"#, 100_000);
    let hook = repository.path().join(".git/hooks/post-checkout");
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    fs::write(
        &hook,
        "#!/bin/sh\ntouch \"$(git rev-parse --path-format=absolute --git-common-dir)/hooked\"\n",
    )
    .unwrap();
    fs::set_permissions(&hook, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let index = fs::read(repository.path().join(".git/index")).unwrap();
    let base = git(repository.path(), &["rev-parse", "HEAD"]);
    // The hook is one of another repository, or of this one.
    let other = Repository::new(r#""a":2,"b":2"#, 100_000);
    for of in [&other, &repository] {
        let hooked = of.path().join(".git");
        let mut command = Command::new(env!("CARGO_BIN_EXE_probe-gate"));
        command.current_dir(repository.path()).args(["compare", "--base", "HEAD", "--head", "HEAD"]);
        command.env("GIT_DIR", &hooked).env("GIT_INDEX_FILE", hooked.join("index"));
        command.env_remove("GITHUB_ACTIONS").env_remove("GITHUB_STEP_SUMMARY");
        let (code, text) = said(&command.output().unwrap());
        assert_eq!(code, 0, "{text}");
        assert_eq!(repository.results()["made"]["compared"]["base"], base.as_str());
        assert_eq!(fs::read(repository.path().join(".git/index")).unwrap(), index);
    }
    assert!(!repository.path().join(".git/hooked").exists());
    // The twin: git itself runs it.
    git(repository.path(), &["checkout", "--quiet", "--detach"]);
    assert!(repository.path().join(".git/hooked").exists());
    repository.is_clean();
}

/// Starts a gate that somebody else ends, and waits until its target runs.
fn start(repository: &Repository) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_probe-gate"));
    command.current_dir(repository.path()).args(["compare", "--base", "HEAD", "--head", "HEAD"]);
    command.env_remove("GITHUB_ACTIONS").env_remove("GITHUB_STEP_SUMMARY");
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).stdin(Stdio::null()).spawn().unwrap();
    fs::read_to_string(repository.path().join("out/ready")).unwrap();
    child
}

/// What never ends, and meets the test at `out/ready`.
#[derive(Clone, Copy, PartialEq)]
enum Endless {
    Target,
    Build,
    Checkout,
}

/// A repository in which something never ends.
fn endless(what: Endless) -> Repository {
    let repository = Repository::new(r#""a":1,"b":1"#, 100_000);
    let out = repository.path().join("out").display().to_string();
    let wait = format!("echo $$ > {out}/pid; echo x > {out}/ready; while :; do sleep 0.1; done\n");
    if what == Endless::Build {
        repository.configure(&format!("{COMPARE}build = [\"sh\", \"build.sh\"]\n"));
    }
    repository.write(if what == Endless::Target { "link.sh" } else { "build.sh" }, &wait);
    repository.commit(r#""a":1,"b":1"#, 100_000);
    if what == Endless::Checkout {
        repository.write(".gitattributes", "report.json filter=slow\n");
        repository.commit(r#""a":1,"b":1"#, 100_000);
        git(repository.path(), &["config", "filter.slow.smudge", &format!("sh {out}/../build.sh")]);
    }
    fs::create_dir(repository.path().join("out")).unwrap();
    assert!(Command::new("mkfifo").arg(repository.path().join("out/ready")).status().unwrap().success());
    repository
}

fn signal(signal: &str, pid: &str) {
    assert!(Command::new("kill").args([signal, pid.trim()]).status().unwrap().success());
}

#[test]
fn a_signal_takes_the_checkouts_away() {
    for (what, says) in [
        (Endless::Target, "target link@base, round 1: the run was interrupted by signal 15"),
        (Endless::Build, "the build of the base commit was interrupted by signal 15"),
        (Endless::Checkout, "the checkout of the base commit was interrupted by signal 15"),
    ] {
        let repository = endless(what);
        let child = start(&repository);
        // It is there meanwhile, and another gate does not take it away.
        let (code, text) = repository.compare(&["--base", "HEAD"]);
        assert!(code == 2 && text.contains("another gate is running in out"), "{text}");
        assert!(repository.path().join("out/checkouts/base/link.sh").exists());
        signal("-TERM", &child.id().to_string());
        let (code, text) = said(&child.wait_with_output().unwrap());
        assert!(code == 128 + 15 && text.contains(says), "{code} {text}");
        assert!(repository.read("out/summary.md").contains("interrupted"));
        repository.is_clean();
    }
}

/// What a gate that was killed has left is taken away by the next one, and nothing else is.
#[test]
fn checkouts_of_a_gate_that_was_killed_are_taken_away() {
    let repository = endless(Endless::Target);
    let mut child = start(&repository);
    child.kill().unwrap();
    child.wait().unwrap();
    // Nobody could end its target.
    signal("-KILL", &repository.read("out/pid"));
    assert!(repository.path().join("out/checkouts/base/.git").exists());
    // It was killed while it made the other one, which git has locked until then; and a work tree of somebody else is away for now.
    let admin = repository.path().join(".git/worktrees/base/locked");
    fs::write(admin, "initializing").unwrap();
    fs::remove_file(repository.path().join("out/checkouts/base/.git")).unwrap();
    let other = TempDir::new().unwrap();
    git(
        repository.path(),
        &["worktree", "add", "--quiet", "--detach", other.path().join("w").to_str().unwrap()],
    );
    fs::rename(other.path().join("w"), other.path().join("away")).unwrap();

    repository.write("link.sh", "cat report.json > $CONCURRENCY_PROBE_REPORT\n");
    repository.commit(r#""a":1,"b":1"#, 100_000);
    let (code, text) = repository.compare(&["--base", "HEAD", "--head", "HEAD"]);
    assert_eq!(code, 0, "{text}");
    assert!(!repository.path().join("out/checkouts").exists());
    let worktrees = git(repository.path(), &["worktree", "list", "--porcelain"]);
    assert_eq!(
        worktrees.matches("worktree ").count(),
        2,
        "that of somebody else is still known: {worktrees}"
    );
}

/// A symlink in a commit that leads to the work tree would make one program of both commits.
#[test]
fn a_symlink_to_the_work_tree_is_refused() {
    let repository = Repository::new(r#""a":1,"b":1"#, 100_000);
    fs::create_dir(repository.path().join("bin")).unwrap();
    fs::rename(repository.path().join("link.sh"), repository.path().join("bin/link.sh")).unwrap();
    for (to, is_refused) in [(repository.path().join("bin/link.sh"), true), ("bin/link.sh".into(), false)] {
        let _ = fs::remove_file(repository.path().join("link.sh"));
        std::os::unix::fs::symlink(to, repository.path().join("link.sh")).unwrap();
        repository.commit(r#""a":1,"b":1"#, 100_000);
        let (code, text) = repository.compare(&["--base", "HEAD"]);
        let says = text.contains("target `link@base` of the base commit uses")
            && text.contains("is not in its checkout");
        assert_eq!((code, says), if is_refused { (2, true) } else { (0, false) }, "{text}");
        repository.is_clean();
    }
}

/// The folder of checkouts may lead elsewhere: what is there stays.
#[test]
fn what_is_behind_a_link_is_not_removed() {
    let repository = Repository::new(r#""a":1,"b":1"#, 100_000);
    let other = TempDir::new().unwrap();
    fs::create_dir(other.path().join("base")).unwrap();
    fs::write(other.path().join("base/thesis"), "years of work").unwrap();
    fs::create_dir(repository.path().join("out")).unwrap();
    // A gate was here before.
    repository.write("out/probe-gate.lock", "");
    std::os::unix::fs::symlink(other.path(), repository.path().join("out/checkouts")).unwrap();
    let (code, text) = repository.compare(&["--base", "HEAD"]);
    assert!(code == 2 && text.contains("it exists, and is not a directory"), "{code} {text}");
    assert!(other.path().join("base/thesis").exists());
    fs::remove_file(repository.path().join("out/checkouts")).unwrap();
    assert_eq!(repository.compare(&["--base", "HEAD"]).0, 0, "the twin");
}
