//! The program `testbed`, as a person meets it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

fn testbed() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_testbed"));
    // The user's own configuration is none of a test's.
    for (name, _) in std::env::vars() {
        if name.to_lowercase().starts_with("npm_config_") {
            command.env_remove(name);
        }
    }
    command.env("NPM_CONFIG_USERCONFIG", "/nonexistent/npmrc");
    command.env("NPM_CONFIG_FETCH_RETRIES", "0");
    command
}

fn run(dir: &Path, arguments: &[&str]) -> Output {
    testbed().current_dir(dir).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Runs a command that must succeed, and returns what it prints. It is quiet: nothing is on standard error, but for the
/// library's warnings where wrong ways of linking are asked for.
fn succeed(dir: &Path, arguments: &[&str]) -> String {
    let output = run(dir, arguments);
    let warnings = text(&output.stderr);
    let is_asked_for = |line: &str| line.contains("degenerate_passes") || line.contains("serial_offloads");
    assert!(warnings.lines().all(is_asked_for), "{arguments:?}: {warnings}");
    let printed = text(&output.stdout);
    assert!(output.status.success(), "{arguments:?}: {printed}");
    printed
}

/// Runs a command that must fail with exit code 1, and returns its one line.
fn fail(dir: &Path, arguments: &[&str]) -> String {
    let output = run(dir, arguments);
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(1), String::new()), "{arguments:?}");
    let error = text(&output.stderr);
    assert_eq!(error.trim_end().lines().count(), 1, "{error}");
    assert!(error.starts_with("error: "), "{error}");
    error
}

/// A server of the program, which is stopped at the end, and its URL.
struct Server(Child, String);

impl Server {
    fn start(arguments: &[&str]) -> Self {
        let mut child = testbed().args(arguments).stdout(Stdio::piped()).spawn().unwrap();
        let mut url = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
        Server(child, url.trim().to_owned())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_newcomer_makes_a_project_and_installs_it() {
    let dir = tempfile::tempdir().unwrap();
    let small = ["--packages", "30"];
    let made = succeed(dir.path(), &[&["init", "demo", "--lockfile"][..], &small].concat());
    assert!(
        made.contains("testbed install --generated-packages --packages 30 --seed 12250 --dir demo"),
        "{made}"
    );
    let install = [
        &[
            "install",
            "--generated-packages",
            "--dir",
            "demo",
            "--store-dir",
            "store",
            "--report",
            "report.ndjson",
        ][..],
        &small,
    ]
    .concat();
    let line = succeed(dir.path(), &install);
    // Two of the thirty cannot be had, and are optional.
    assert!(line.starts_with("linked 28 packages (0 warm, 30 cold)"), "{line}");
    let line = succeed(dir.path(), &install);
    assert!(line.starts_with("linked 0 packages (0 warm, 2 cold), kept 28"), "{line}");
    let reports = fs::read_to_string(dir.path().join("report.ndjson")).unwrap();
    assert_eq!(reports.lines().count(), 2);
    assert!(reports.starts_with(r#"{"schema":"concurrency-probe/1","scope":"install""#), "{reports}");

    let error = fail(dir.path(), &["init", "demo"]);
    assert!(error.contains("demo is not empty"), "{error}");
}

#[test]
fn a_registry_and_a_server_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    succeed(dir.path(), &["init", "demo", "--packages", "30"]);
    let registry = Server::start(&["registry", "--packages", "30"]);
    let server =
        Server::start(&["server", "--registry", &registry.1, "--pnpr-server-registry-latency-ms", "1"]);
    for (number, linking) in ["inline", "one-pass", "streamed"].into_iter().enumerate() {
        let _ = fs::remove_dir_all(dir.path().join("demo/node_modules"));
        let store = format!("store-{number}");
        let install = [
            &["install", "--dir", "demo", "--fresh", "--registry", &registry.1, "--cold-linking", linking],
            &["--store-dir", &store, "--registry-latency-ms", "1", "--registry-bandwidth-mbps", "1000"][..],
            &["--threads", "3", "--link-latency-ms", "1"],
        ]
        .concat();
        let line = if number == 0 {
            succeed(dir.path(), &install)
        } else {
            let install: Vec<&str> = install.into_iter().filter(|argument| *argument != "--fresh").collect();
            let _ = fs::remove_file(dir.path().join("demo/pnpm-lock.yaml"));
            succeed(dir.path(), &[&install[..], &["--server", &server.1]].concat())
        };
        assert!(line.starts_with("linked 28 packages"), "{line}");
    }
}

#[test]
fn what_is_wrong_is_said_in_one_line() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name).display().to_string();
    fs::create_dir(dir.path().join("empty")).unwrap();
    fs::create_dir(dir.path().join("broken")).unwrap();
    fs::write(dir.path().join("broken/package.json"), "{").unwrap();
    fs::create_dir(dir.path().join("old")).unwrap();
    fs::write(dir.path().join("old/pnpm-lock.yaml"), "lockfileVersion: '6.0'\n").unwrap();
    fs::create_dir(dir.path().join("npmrc")).unwrap();
    fs::write(dir.path().join("npmrc/package.json"), "{}").unwrap();
    fs::write(dir.path().join("npmrc/.npmrc"), "registry=not a url\n").unwrap();
    let store = at("store");
    let with = |arguments: &[&str]| -> Vec<String> {
        ["install", "--store-dir", &store, "--packages", "2"]
            .iter()
            .chain(arguments)
            .map(ToString::to_string)
            .collect()
    };
    let missing = at("missing.yaml");
    let cases: Vec<(Vec<String>, &str)> = vec![
        (with(&["--dir", "empty"]), "package.json"),
        (with(&["--dir", "nowhere"]), "nowhere"),
        (with(&["--dir", "broken"]), "package.json"),
        (with(&["--dir", "old"]), "6.0"),
        (with(&["--dir", "npmrc"]), ".npmrc"),
        (with(&["--dir", "empty", "--lockfile", &missing]), "missing.yaml"),
        (
            with(&["--dir", "empty", "--registry", "http://127.0.0.1:1/", "--report", "/nonexistent/x"]),
            "--report",
        ),
        (["registry", "--mirror", "nowhere"].map(Into::into).to_vec(), "nowhere"),
    ];
    for (arguments, says) in cases {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let error = fail(dir.path(), &arguments);
        assert!(error.contains(says), "{arguments:?}: {error}");
    }
    assert!(!dir.path().join("empty/node_modules").exists());
}

#[test]
fn no_registry_is_said_to_be_none() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("package.json"), r#"{"dependencies":{"left-pad":"^1.0.0"}}"#).unwrap();
    let error = fail(dir.path(), &["install", "--store-dir", "store", "--registry", "http://127.0.0.1:1/"]);
    assert!(error.contains("left-pad") && error.contains("127.0.0.1:1"), "{error}");
    assert!(!dir.path().join("pnpm-lock.yaml").exists());
}

/// A file that cannot be written is found out before the minutes that the runs take.
#[test]
fn figures_that_cannot_be_written_are_refused_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let line = fail(dir.path(), &["--json", "no/such/results.json"]);
    assert!(line.contains("cannot write the figures to no/such/results.json"), "{line}");
    assert!(!dir.path().join("target").exists(), "nothing was begun");
}

#[test]
fn wrong_arguments_are_usage_errors() {
    let dir = tempfile::tempdir().unwrap();
    for arguments in [
        &["instal"][..],
        &["--packages", "99"],
        &["--runs", "0"],
        &["--scenario", "warm"],
        &["install", "--cold-linking", "serial"],
        &["install", "--threads", "0"],
        &["install", "--lockfile", "x", "--fresh"],
        &["install", "--registry", "no url"],
    ] {
        assert_eq!(run(dir.path(), arguments).status.code(), Some(2), "{arguments:?}");
    }
    for arguments in [&["--help"][..], &["install", "--help"], &["--version"]] {
        assert!(run(dir.path(), arguments).status.success(), "{arguments:?}");
    }
}

/// A number that cannot be is named with what was expected, and is not taken for an option.
#[test]
fn a_number_that_cannot_be_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    for (arguments, says) in [
        (&["install", "--link-latency-ms", "-3"][..], "`-3` is no time: expected milliseconds, 0 to 60000"),
        (&["--link-latency-ms", "-3"], "`-3` is no time: expected milliseconds, 0 to 60000"),
        (&["install", "--threads", "-1"], "-1 is not in 1..=256"),
        (&["--runs", "-1"], "-1 is not in 1..=100"),
        (&["--runs", "0"], "0 is not in 1..=100"),
    ] {
        let output = run(dir.path(), arguments);
        let error = text(&output.stderr);
        assert!(output.status.code() == Some(2) && error.contains(says), "{arguments:?}: {error}");
    }
}

/// What cannot be printed is an error, but for one who stops reading.
#[cfg(target_os = "linux")]
#[test]
fn output_that_cannot_be_written_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let output =
        testbed().current_dir(dir.path()).args(["init", "demo", "--packages", "3"]).stdout(full).output();
    let output = output.unwrap();
    let error = text(&output.stderr);
    assert!(
        output.status.code() == Some(1) && error.contains("cannot write to standard output: "),
        "{error}"
    );
}

/// A small benchmark, from the command line to its files.
#[test]
fn a_benchmark_prints_its_table_and_keeps_its_reports() {
    let dir = tempfile::tempdir().unwrap();
    // Far away, so that packages of so small a project are still on their way when it is resolved.
    let far = ["--registry-latency-ms", "60"];
    let what = ["--packages", "150", "--runs", "1", "--scenario", "fresh"];
    let arguments = [&what[..], &far, &["--json", "results.json", "--out", "reports"]].concat();
    let table = succeed(dir.path(), &arguments);
    for part in [
        "pacquet",
        "pnpr-cached",
        "inline",
        "one-pass",
        "streamed",
        "chunked",
        "convoy",
        "offload-each",
        "pnpr / pacquet",
        "holds ",
    ] {
        assert!(table.contains(part), "{part:?} is missing in:\n{table}");
    }
    assert!(!table.contains("FAILS"), "{table}");
    let results: serde_json::Value =
        serde_json::from_slice(&fs::read(dir.path().join("results.json")).unwrap()).unwrap();
    assert_eq!(results["schema"], "concurrency-probe-testbed/1");
    assert_eq!(results["runs"].as_array().unwrap().len(), 6 + 5 * 5, "five of them are compared by a rule");
    let report = fs::read_to_string(dir.path().join("reports/fresh/pnpr/streamed.ndjson")).unwrap();
    assert_eq!(report.lines().count(), 5);
    // The parts of an install are items of their own, wherever others look for them.
    for artifact in ["summary.md", "hyperfine.json", "bencher.json", "benchmark-action.json", "index.html"] {
        let text = fs::read_to_string(dir.path().join("reports/gates").join(artifact)).unwrap();
        for item in ["create_virtual_store", "link_warm", "link_cold"] {
            assert!(text.contains(item), "{item} is not in {artifact}");
        }
    }
}
