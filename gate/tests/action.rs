//! The steps of `action.yml`, without GitHub: their scripts, with a program in the place of `gh` that keeps comments in a directory.
#![cfg(unix)]

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::said;
use tempfile::TempDir;

fn action(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("action").join(name)
}

/// As far as `comment.sh` uses it: lists, makes and changes comments. `REFUSES` is the method that it may not use.
const GH: &str = r#"#!/bin/sh
method=GET path= body=
while [ $# -gt 0 ]; do
    case $1 in
        api | --paginate | --silent) ;;
        --jq) shift ;;
        --method) shift; method=$1 ;;
        --field) shift; body=${1#body=@} ;;
        *) path=$1 ;;
    esac
    shift
done
[ "$method" = "$REFUSES" ] && { echo 'HTTP 403' >&2; exit 1; }
case "$method $path" in
    'GET repos/o/r/issues/7/comments')
        for comment in comments/*; do
            [ -f "$comment" ] && [ "$(head -n 1 "$comment")" = '<!-- probe-gate: probe-gate -->' ] && basename "$comment"
        done ;;
    'POST repos/o/r/issues/7/comments') cp "$body" "comments/$(($(ls comments | wc -l) + 1))" ;;
    'PATCH repos/o/r/issues/comments/'*) cp "$body" "comments/${path##*/}" ;;
    *) echo "what is $method $path" >&2; exit 1 ;;
esac
exit 0
"#;

/// Comments on a pull request, and says the exit code and what was printed.
fn comment(dir: &TempDir, summary: &str, pull_request: &str, refuses: &str) -> (i32, String) {
    fs::create_dir_all(dir.path().join("comments")).unwrap();
    fs::write(dir.path().join("summary.md"), summary).unwrap();
    let gh = dir.path().join("gh");
    fs::write(&gh, GH).unwrap();
    fs::set_permissions(&gh, fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", dir.path().display(), std::env::var("PATH").unwrap());
    let mut command = Command::new("bash");
    command.arg(action("comment.sh")).current_dir(dir.path()).env("PATH", path);
    command.env("GITHUB_REPOSITORY", "o/r").env("PULL_REQUEST", pull_request).env("SUMMARY", "summary.md");
    said(&command.env("REFUSES", refuses).output().unwrap())
}

fn comments(dir: &TempDir) -> Vec<String> {
    let mut files: Vec<_> =
        fs::read_dir(dir.path().join("comments")).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| fs::read_to_string(file).unwrap()).collect()
}

#[test]
fn a_pull_request_has_one_comment_that_is_updated() {
    let dir = TempDir::new().unwrap();
    fs::create_dir(dir.path().join("comments")).unwrap();
    fs::write(dir.path().join("comments/1"), "somebody else's\n<!-- probe-gate: probe-gate -->").unwrap();
    for summary in ["### first\n", "### second\n\n| a | b |\n"] {
        assert_eq!(comment(&dir, summary, "7", ""), (0, String::new()));
        let all = comments(&dir);
        assert_eq!(all.len(), 2, "{all:?}");
        assert!(all[0].starts_with("somebody"));
        assert_eq!(all[1], format!("<!-- probe-gate: probe-gate -->\n{summary}"));
    }
    // What is too long is cut at the end of a line, and says so.
    let line = format!("| {} |\n", "x".repeat(96));
    comment(&dir, &line.repeat(1000), "7", "");
    let cut = &comments(&dir)[1];
    assert!(cut.len() < 65_536 && cut.contains("The rest is in the artifact of this run."), "{}", cut.len());
    assert!(cut.lines().filter(|text| text.starts_with("| ")).all(|text| text.len() == line.len() - 1));
}

/// The gate has decided already: what goes wrong with a comment fails nothing.
#[test]
fn what_may_not_be_commented_on_is_a_warning() {
    for (pull_request, refuses, says) in [
        ("", "", "this is no pull request"),
        ("7", "GET", "::warning title=probe-gate::the comments of the pull request cannot be read"),
        ("7", "POST", "::warning title=probe-gate::the comment cannot be written"),
    ] {
        let dir = TempDir::new().unwrap();
        let (code, text) = comment(&dir, "### s\n", pull_request, refuses);
        assert!(code == 0 && text.contains(says), "{refuses}: {code} {text}");
        assert_eq!(comments(&dir), [""; 0]);
    }
}

/// Each exit code goes to the last step, and fails no step before it.
#[test]
fn the_exit_code_is_kept_for_the_last_step() {
    for (script, arguments, code) in [
        ("exit 1", "--runs 1", 4),
        ("true", "--runs", 2),
        ("true", "--runs 1", 3),
        ("true", "--runs 1 --target *", 3),
    ] {
        let dir = TempDir::new().unwrap();
        let rule = "[[target]]\nname = \"t\"\nreports = false\ncommand = [\"sh\", \"-c\", 'SCRIPT']\n";
        fs::write(dir.path().join("gates.toml"), rule.replace("SCRIPT", script)).unwrap();
        let mut command = Command::new(action("run.sh"));
        command.current_dir(dir.path()).env("CONFIG", "gates.toml").env("ARGUMENTS", arguments);
        command
            .env("PROBE_GATE", env!("CARGO_BIN_EXE_probe-gate"))
            .env("OUT", "out")
            .env("GITHUB_OUTPUT", dir.path().join("output"));
        // What is in a cache is no summary of this run.
        fs::create_dir_all(dir.path().join("out")).unwrap();
        fs::write(dir.path().join("out/summary.md"), "3 of 3 rules hold").unwrap();
        assert!(command.output().unwrap().status.success());
        assert_eq!(fs::read_to_string(dir.path().join("output")).unwrap(), format!("exit-code={code}\n"));
        assert!(
            !fs::read_to_string(dir.path().join("out/summary.md")).unwrap_or_default().contains("3 of 3")
        );
    }
}

/// With a commit to compare with it is `compare` that is run, and no name of a commit is another argument.
#[test]
fn a_base_is_compared_with() {
    for (base, says) in [
        ("", "there is no target to run"),
        ("main", "there is no commit `main`"),
        ("a b", "there is no commit `a b`"),
        ("--help", "there is no commit `--help`"),
        ("$(touch stolen)", "there is no commit `$(touch stolen)`"),
    ] {
        let dir = TempDir::new().unwrap();
        let target = "[[target]]\nname = \"t\"\nreports = false\ncommand = [\"true\"]\n";
        fs::write(dir.path().join("gates.toml"), if base.is_empty() { "" } else { target }).unwrap();
        assert!(
            Command::new("git").args(["init", "--quiet"]).current_dir(dir.path()).status().unwrap().success()
        );
        let mut command = Command::new(action("run.sh"));
        command
            .current_dir(dir.path())
            .env("CONFIG", "gates.toml")
            .env("ARGUMENTS", "--runs 1")
            .env("BASE", base);
        command
            .env("PROBE_GATE", env!("CARGO_BIN_EXE_probe-gate"))
            .env("OUT", "out")
            .env("GITHUB_OUTPUT", dir.path().join("output"));
        let (code, text) = said(&command.output().unwrap());
        assert!(code == 0 && text.contains(says), "{base}: {text}");
        assert_eq!(fs::read_to_string(dir.path().join("output")).unwrap(), "exit-code=2\n");
        assert!(!dir.path().join("stolen").exists());
    }
}

/// The steps name scripts and files that are there.
#[test]
fn the_action_is_whole() {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("action.yml")).unwrap();
    for name in ["run.sh", "comment.sh"] {
        assert!(text.contains(&format!("$GITHUB_ACTION_PATH/action/{name}")), "{name}");
        assert_eq!(fs::metadata(action(name)).unwrap().permissions().mode() & 0o111, 0o111, "{name}");
    }
    // Nothing of a pull request is put into a script: an expression there would be code.
    for line in text.lines().filter(|line| line.trim_start().starts_with("run:")) {
        assert!(!line.contains("${{"), "{line}");
    }
}
