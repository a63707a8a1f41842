//! `probe-gate view`: from a report to its page, without a configuration.
#![cfg(unix)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

fn view(dir: &Path, arguments: &[&str]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_probe-gate"));
    // Where `--open` finds a browser: nowhere but here.
    command.current_dir(dir).env("PATH", dir).arg("view").args(arguments);
    let Output { status, stdout, stderr } = command.output().unwrap();
    (status.code().unwrap(), String::from_utf8([stdout, stderr].concat()).unwrap())
}

/// The story of each report, and then where the page is.
#[track_caller]
fn is_told((code, said): (i32, String), stories: &[&str], page: &str) {
    assert_eq!(code, 0, "{said}");
    for story in stories {
        assert!(said.contains(&format!("{story}, 5.00 µs\n═")), "{story} is not in:\n{said}");
    }
    assert!(said.ends_with(&format!("\n\nthe page is {page}\n")), "{said}");
}

fn report(scope: &str) -> String {
    format!(
        r#"{{"schema":"concurrency-probe/1","scope":"{scope}","wall_ns":5000,"counts":{{"a":1}},"phases":[],"probes":[],"passes":[],"findings":[]}}"#
    ) + "\n"
}

#[test]
fn any_report_is_drawn_beside_itself() {
    let dir = TempDir::new().unwrap();
    let file = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
    let page = |name: &str| fs::read_to_string(dir.path().join(name)).unwrap();
    file("one.ndjson", &report("install"));
    is_told(view(dir.path(), &["one.ndjson"]), &["install: scope `install`"], "one.html");
    assert!(page("one.html").contains("<h1>probe-gate: install</h1>"));

    // Several scopes and runs, with a line that is empty.
    file("several.ndjson", &(report("install") + "\n" + &report("store")));
    let stories = ["install, line 1: scope `install`", "store, line 3: scope `store`"];
    is_told(view(dir.path(), &["several.ndjson"]), &stories, "several.html");
    for name in ["<h1>probe-gate: 2 reports</h1>", ">install, line 1</th>", ">store, line 3</th>"] {
        assert!(page("several.html").contains(name), "{name}");
    }
    let both = ["one.ndjson", "several.ndjson", "--out", "both.html", "--trace", "both.json"];
    is_told(view(dir.path(), &both), &["one.ndjson: install: scope `install`"], "both.html");
    assert!(page("both.json").contains("several.ndjson: store, line 3, round 1"), "{}", page("both.json"));
    for name in [">one.ndjson: install</th>", ">several.ndjson: store, line 3</th>"] {
        assert!(page("both.html").contains(name), "{name}");
    }

    // Results of a gate, over as many lines as they are written.
    let results = format!(
        "{{\n  \"schema\": \"probe-gate/1\",\n  \"runs\": [{{\"target\":\"t\",\"round\":1,\"wall_ns\":7,\"report\":{}}}]\n}}",
        report("s")
    );
    file("results.json", &results);
    is_told(view(dir.path(), &["results.json"]), &["t: scope `s`"], "results.html");
    assert!(page("results.html").contains("<h1>probe-gate: t</h1>"));
}

/// A terminal is told of the first ones, and that there are more.
#[test]
fn of_many_reports_the_first_ones_are_told() {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("f.ndjson"), report("install").repeat(20)).unwrap();
    let (_, said) = view(dir.path(), &["f.ndjson"]);
    assert_eq!(said.matches("═\nFindings").count(), 8, "{said}");
    assert!(said.contains("\n12 more reports are on the page\n"), "{said}");
}

#[test]
fn what_cannot_be_read_is_said_with_its_place() {
    let dir = TempDir::new().unwrap();
    let good = report("install");
    let cut = &good[..60];
    for (text, says) in [
        (
            String::new(),
            "f:1:1: it is empty, expected a report in each line: run the program with CONCURRENCY_PROBE_REPORT",
        ),
        (format!("{good}{cut}\n"), "f:2:60: it ends too early"),
        (
            format!("{good}{{\"schema\":\"other/1\"}}"),
            "f:2:1: its schema is `other/1`, expected `concurrency-probe/1`, or results",
        ),
        (good.replace("5000", "-1"), "f:1:62: invalid value: integer `-1`, expected u64"),
        ("{\"schema\": \"probe-gate/1\", \n\"runs\": [".into(), "f:2:9: it ends too early"),
        ("hello\n".into(), "f:1:1: expected a value"),
    ] {
        fs::write(dir.path().join("f"), &text).unwrap();
        let (code, said) = view(dir.path(), &["f"]);
        assert!(code == 2 && said.starts_with("error: ") && said.contains(says), "{says}: {said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(!dir.path().join("f.html").exists());
    }
    fs::write(dir.path().join("f"), &good).unwrap();
    for (arguments, says) in [
        (&["none.ndjson"][..], "cannot read none.ndjson"),
        (&["f", "f"], "f is named twice, expected each file once"),
        (&["f", "--out", "f"], "f is a report: name another file for the page with --out"),
        (&["f", "--out", "no/such/dir.html"], "cannot write no/such/dir.html"),
        (&["."], "cannot read .: it is not a regular file"),
        (&[], "required arguments were not provided"),
    ] {
        let (code, said) = view(dir.path(), arguments);
        assert!(code == 2 && said.contains(says), "{says}: {said}");
    }
}

/// Where there is no browser the page is there all the same.
#[cfg(target_os = "linux")]
#[test]
fn a_browser_is_started_or_said_to_be_missing() {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("f.ndjson"), report("install")).unwrap();
    let (code, said) = view(dir.path(), &["f.ndjson", "--open"]);
    assert_eq!(code, 0, "{said}");
    assert!(
        said.contains("no browser could be started") && said.contains("open f.html in a browser"),
        "{said}"
    );

    let browser = dir.path().join("xdg-open");
    fs::write(&browser, "#!/bin/sh\necho \"$1\" > opened\n").unwrap();
    fs::set_permissions(&browser, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    is_told(view(dir.path(), &["f.ndjson", "--open"]), &["install: scope `install`"], "f.html");
    assert!(fs::read_to_string(dir.path().join("opened")).unwrap().contains("f.html"));
}

/// However it is spelt: a report is never written over, and nothing but a regular file is replaced.
#[test]
fn what_is_there_is_not_lost() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("r.ndjson");
    fs::write(&path, report("install")).unwrap();
    fs::create_dir(dir.path().join("folder")).unwrap();
    let absolute = path.to_str().unwrap();
    for (arguments, says) in [
        (
            &["r.ndjson", "--out", "r.ndjson"] as &[&str],
            "is a report: name another file for the page with --out",
        ),
        (&["r.ndjson", "--out", "./r.ndjson"], "is a report: name another file for the page with --out"),
        (&["r.ndjson", "--out", absolute], "is a report: name another file for the page with --out"),
        (&["r.ndjson", "--trace", "./r.ndjson"], "is a report: name another file for the trace with --trace"),
        (&["r.ndjson", "--trace", "x", "--out", "x"], "x cannot be the page and the trace"),
        (&["r.ndjson", "--out", "folder"], "it exists, and is not a regular file"),
        (&["r.ndjson", "./r.ndjson"], "is named twice"),
    ] {
        let (code, said) = view(dir.path(), arguments);
        assert!(code == 2 && said.contains(says), "{arguments:?}: {said}");
        assert_eq!(fs::read_to_string(&path).unwrap(), report("install"), "{arguments:?}");
    }
}
