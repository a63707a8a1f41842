//! The report: its JSON, and the file that a closing scope appends it to.

#![allow(clippy::unused_async, reason = "the probed functions have nothing to wait for")]

use concurrency_probe::{Report, Scope, concurrency_probe};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

const LINE_OF_LINK_SLOT: u32 = line!() + 2;
#[concurrency_probe(scope = "install")]
fn link_slot(_slot: u32) {}

#[concurrency_probe(scope = "install", name = "fetch")]
async fn fetch() {}

/// A scope with one of everything.
fn install(scope: &mut Scope) {
    scope.count("warm", 312);
    scope.count("cold", 900);
    scope.count("cold", 96);
    for _ in 0..2 {
        drop(scope.phase("create_virtual_store"));
    }
    futures::executor::block_on(scope.attach(fetch()));
    scope.pass("cold").for_each(0..100, |_lane, slot| link_slot(slot));
    (0..4).for_each(|n| scope.pass("one by one").for_each([n], |_lane, slot| link_slot(slot)));
}

fn lines(file: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(file).expect("a report file");
    assert!(text.is_empty() || text.ends_with('\n'));
    text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
}

#[test]
fn the_json_has_the_keys_of_the_contract() {
    let mut scope = Scope::builder("install").threads(2).open();
    install(&mut scope);
    let report = serde_json::to_value(scope.report()).unwrap();
    assert_eq!(report["schema"], "concurrency-probe/1");
    assert_eq!(report["scope"], "install");
    assert!(report["wall_ns"].is_u64());
    assert_eq!(report["counts"], json!({"warm": 312, "cold": 996}));
    assert_eq!(report["phases"][0]["name"], "create_virtual_store");
    assert_eq!(report["phases"][0]["times"], 2);
    assert!(report["phases"][0]["total_ns"].is_u64());

    let probes = report["probes"].as_array().unwrap();
    let link = probes.iter().find(|probe| probe["name"] == "link_slot").unwrap();
    assert_eq!(link["file"], "tests/tests/reports.rs");
    assert_eq!(link["line"], LINE_OF_LINK_SLOT, "the line of the function, not of the attribute");
    assert_eq!((&link["calls"], &link["unattributed"]), (&json!(104), &json!(0)));
    assert!(link["max_in_flight"].is_u64() && link["max_concurrent"].is_u64());
    let fetch = probes.iter().find(|probe| probe["name"] == "fetch").unwrap();
    assert_eq!(fetch["max_concurrent"], Value::Null);

    let pass = &report["passes"][0];
    for (key, value) in
        [("label", json!("cold")), ("passes", json!(1)), ("items", json!(100)), ("completed", json!(100))]
    {
        assert_eq!(pass[key], value, "{key}");
    }
    assert_eq!((&pass["file"], &pass["threads"]), (&json!("tests/tests/reports.rs"), &json!(2)));
    for key in ["line", "wall_ns", "busy_ns", "max_concurrent"] {
        assert!(pass[key].is_u64(), "{key}");
    }
    assert!(pass["levels_ns"].as_array().unwrap().iter().all(Value::is_u64));
    assert!(pass.get("timeline").is_none());
    assert_eq!(report["findings"][0]["kind"], "degenerate_passes");
    assert!(report["findings"][0]["message"].as_str().unwrap().contains("collect the items"));

    // It reads back as what it was.
    let back: Report = serde_json::from_value(report.clone()).unwrap();
    assert_eq!(serde_json::to_value(back).unwrap(), report);
}

#[test]
fn each_closing_scope_appends_one_line() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("reports.ndjson");
    std::thread::scope(|threads| {
        for _ in 0..4 {
            threads.spawn(|| {
                for _ in 0..25 {
                    let mut scope = Scope::builder("install").report_to(&file).open();
                    install(&mut scope);
                }
            });
        }
    });
    let lines = lines(&file);
    assert_eq!(lines.len(), 100);
    assert!(lines.iter().all(|line| line["counts"]["cold"] == 996));
}

#[test]
fn the_environment_names_the_file() {
    const CHILD: &str = "REPORTS_TEST_CHILD";
    if std::env::var_os(CHILD).is_some() {
        install(&mut Scope::open("install"));
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("reports.ndjson");
    let missing = dir.path().join("missing").join("reports.ndjson");
    for (path, warns) in [(&file, false), (&file, false), (&missing, true)] {
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "the_environment_names_the_file", "--nocapture"])
            .env(CHILD, "1")
            .env("CONCURRENCY_PROBE_REPORT", path)
            .output()
            .unwrap();
        assert!(child.status.success(), "{child:?}");
        let warning = format!("the report of scope `install` could not be appended to {}", path.display());
        assert_eq!(String::from_utf8_lossy(&child.stderr).contains(&warning), warns, "{child:?}");
    }
    assert_eq!(lines(&file).len(), 2);
}

/// A device that is always full takes no line, and the program goes on.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_a_warning() {
    drop(Scope::builder("install").report_to("/dev/full").open());
}
