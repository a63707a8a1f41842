//! `results.schema.json` and the reader of results agree.

mod support;

use concurrency_probe::{FindingKind, PassKind, SpanKind};
use concurrency_probe_gate::Results;
use serde_json::{Value, json};
use std::path::Path;
use support::agreement::{Agreement, MISSING};

const AGREEMENT: Agreement = Agreement {
    schema: include_str!("../results.schema.json"),
    read: |bytes| {
        Results::parse(bytes, Path::new("results.json")).map(drop).map_err(|error| error.to_string())
    },
    begins: "results.json:",
};

fn schema() -> Value {
    AGREEMENT.schema()
}

fn assert_valid(document: &Value, what: &str) {
    AGREEMENT.assert_valid(document, what);
}

/// Two runs, of which the first has everything that a run may have.
fn full() -> Value {
    let mut fixture: Value = serde_json::from_str(include_str!("fuzz/seeds/results.json")).unwrap();
    fixture["runs"].as_array_mut().unwrap().truncate(2);
    // What is left out where it is false.
    fixture["runs"][0]["report"]["timeline"]["spans"][0]["is_future"] = json!(true);
    fixture["runs"][0]["report"]["timeline"]["left_out_since_ns"] = json!(7);
    let failed: Value = serde_json::from_str(include_str!("fuzz/seeds/failed.json")).unwrap();
    for key in ["made", "failure"] {
        fixture[key] = failed[key].clone();
    }
    for key in ["exit_code", "involuntary_switches", "more_reports"] {
        fixture["runs"][0][key] = failed["runs"][0][key].clone();
    }
    fixture["is_paired"] = json!(false);
    fixture
}

#[test]
fn the_schema_is_one_and_describes_everything() {
    jsonschema::meta::validate(&schema()).unwrap();
    fn described(at: &str, schema: &Value) {
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            let description = property["description"].as_str().unwrap_or_default();
            assert!(!description.is_empty(), "{at}.{name} is not described");
            for (suffix, unit) in [("_ns", "nanoseconds"), ("_bytes", "bytes")] {
                let said = format!("{description} {}", property["items"]["description"]);
                assert!(!name.ends_with(suffix) || said.contains(unit), "{at}.{name} has no unit");
            }
        }
    }
    described("results", &schema());
    for (name, definition) in schema()["$defs"].as_object().unwrap() {
        described(name, definition);
    }
}

/// A field that a report gets is one that the schema describes.
#[test]
fn the_schema_has_every_field_that_is_written() {
    let results = Results::parse(full().to_string().as_bytes(), Path::new("results.json")).unwrap();
    let written = serde_json::to_value(&results).unwrap();
    AGREEMENT.assert_known(&written);
    assert_eq!(written, full(), "everything that the fixture has is read and written");
}

#[test]
fn what_is_valid_is_so_by_both() {
    assert_valid(&full(), "fixture");
    assert_valid(&json!({ "schema": "probe-gate/1", "runs": [] }), "no runs");
    let mut later = full();
    later["runs"][0]["key_of_a_later_version"] = json!([1]);
    assert_valid(&later, "keys may be added");
    for pointer in [
        "/runs/0/user_ns",
        "/runs/0/report",
        "/runs/0/report/timeline",
        "/runs/0/report/probes/0/max_concurrent",
        "/runs/0/report/probes/0/batches/0/max_concurrent",
        "/runs/0/report/passes/0/cpu_ns",
        "/runs/0/report/findings/0/probe",
    ] {
        let mut without = full();
        *without.pointer_mut(pointer).unwrap() = Value::Null;
        if pointer == "/runs/0/report" {
            // There are no others without a first one.
            without["runs"][0].as_object_mut().unwrap().remove("more_reports");
        }
        assert_valid(&without, pointer);
    }
    for pointer in ["/runs/0/wall_ns", "/runs/0/report/counts/warm"] {
        let mut large = full();
        *large.pointer_mut(pointer).unwrap() = json!(u64::MAX);
        assert_valid(&large, pointer);
    }
}

/// What was written before a key was there is read as if it said nothing about it.
#[test]
fn older_lines_are_valid_by_both() {
    let mut older = full();
    older["runs"][0]["report"] = serde_json::from_str(include_str!("fuzz/seeds/older.ndjson")).unwrap();
    assert_valid(&older, "an older line");
    assert!(
        older["runs"][0]["report"]["passes"][0]["timeline"].is_object(),
        "it has what newer ones have not"
    );
    let read = Results::parse(older.to_string().as_bytes(), Path::new("results.json")).unwrap();
    let report = read.runs[0].report.as_ref().unwrap();
    assert_eq!((report.passes[0].kind, report.passes[0].cpu_ns), (PassKind::Pass, None));
    assert_eq!((report.probes[0].stolen, report.probes[0].batches.len()), (0, 0));
    assert_eq!((&report.findings[0].probe, &report.timeline), (&None, &None));
    for pointer in [
        "/runs/0/report/timeline",
        "/runs/0/report/probes/0/stolen",
        "/runs/0/report/probes/0/batches",
        "/runs/0/report/passes/0/kind",
        "/runs/0/report/passes/0/cpu_ns",
        "/runs/0/report/findings/0/probe",
    ] {
        let mut without = full();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        without.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name).unwrap();
        assert_valid(&without, pointer);
    }
}

/// The schema of one line is that of the reports in results, and the least line that it takes is one.
#[test]
fn a_report_has_a_schema_of_its_own() {
    let of_report: Value = serde_json::from_str(include_str!("../report.schema.json")).unwrap();
    jsonschema::meta::validate(&of_report).unwrap();
    for (name, definition) in of_report["$defs"].as_object().unwrap() {
        assert_eq!(*definition, schema()["$defs"][name], "{name}");
    }
    let validator = jsonschema::draft202012::new(&of_report).unwrap();
    let least = json!({ "schema": "concurrency-probe/1", "scope": "install", "wall_ns": 1_200_000 });
    for (line, is_valid) in [
        (full()["runs"][0]["report"].clone(), true),
        (least.clone(), true),
        (json!({ "schema": "concurrency-probe/1", "scope": "install" }), false),
        (json!([least]), false),
    ] {
        assert_eq!(validator.is_valid(&line), is_valid, "{line}");
        let read = concurrency_probe_gate::ReportLine::parse(line.to_string().as_bytes());
        assert_eq!(read.is_ok(), is_valid, "{line}");
    }
}

/// Each kind that the runtime knows is in the schema.
#[test]
fn every_kind_is_valid_by_both() {
    let passes = [PassKind::Pass, PassKind::Offload].map(|kind| json!(kind)).to_vec();
    let spans = [SpanKind::Probe, SpanKind::Lane, SpanKind::Phase, SpanKind::Poll, SpanKind::Wait];
    let spans = spans.map(|kind| json!(kind)).to_vec();
    let findings = [
        FindingKind::DegeneratePasses,
        FindingKind::NestedScope,
        FindingKind::BlockedPoll,
        FindingKind::SerialOffloads,
        FindingKind::SerialLane,
    ];
    let findings = findings.map(|kind| json!(kind)).to_vec();
    for (definition, at, kinds) in [
        ("pass", "passes/0", passes),
        ("span", "timeline/spans/0", spans),
        ("finding", "findings/0", findings),
    ] {
        assert_eq!(schema()["$defs"][definition]["properties"]["kind"]["enum"], json!(kinds));
        for kind in kinds {
            let mut known = full();
            known.pointer_mut(&format!("/runs/0/report/{at}")).unwrap()["kind"] = kind.clone();
            assert_valid(&known, &format!("{definition} {kind}"));
        }
    }
}

#[test]
fn what_is_broken_is_refused_by_both() {
    let missing = Value::from(MISSING);
    for (pointer, value) in [
        ("/schema", missing.clone()),
        ("/schema", json!("probe-gate/2")),
        ("/schema", json!(1)),
        ("/runs", missing.clone()),
        ("/runs", json!({})),
        ("/runs/0", json!("a")),
        ("/runs/0/target", missing.clone()),
        ("/runs/0/target", json!(7)),
        ("/runs/0/round", missing.clone()),
        ("/runs/0/round", json!(0)),
        ("/runs/0/round", json!(1_u64 << 32)),
        ("/runs/0/wall_ns", missing.clone()),
        ("/runs/0/wall_ns", json!(-1)),
        ("/runs/0/wall_ns", json!(1.5)),
        ("/runs/0/wall_ns", json!("1")),
        ("/runs/0/wall_ns", json!(null)),
        ("/runs/0/user_ns", json!(-1)),
        ("/runs/0/peak_bytes", json!(true)),
        ("/runs/0/report", json!(3)),
        ("/runs/0/report/schema", json!("concurrency-probe/2")),
        ("/runs/0/report/schema", missing.clone()),
        ("/runs/0/report/wall_ns", missing.clone()),
        ("/runs/0/more_reports", json!({})),
        ("/runs/0/more_reports/0/scope", missing.clone()),
        ("/runs/0/exit_code", json!("0")),
        ("/is_paired", json!(1)),
        ("/made/host", missing.clone()),
        ("/made/host/cores", json!(-2)),
        ("/made/targets/a/definition", json!(1)),
        ("/made/compared/base", missing.clone()),
        ("/made/compared/head", json!(1)),
        ("/failure/what", missing.clone()),
        ("/failure/live", json!("a")),
        ("/runs/0/report/counts/warm", json!(-3)),
        ("/runs/0/report/phases/0/total_ns", missing.clone()),
        ("/runs/0/report/probes/0/max_concurrent", json!(-1)),
        ("/runs/0/report/passes/0/levels_ns/1", json!(-200)),
        ("/runs/0/report/passes/0/busy_ns", missing.clone()),
        ("/runs/0/report/probes/0/stolen", json!(null)),
        ("/runs/0/report/probes/0/batches", json!(null)),
        ("/runs/0/report/probes/0/batches/0/label", missing.clone()),
        ("/runs/0/report/probes/0/batches/0/calls", json!(-1)),
        ("/runs/0/report/passes/0/kind", json!("detour")),
        ("/runs/0/report/passes/0/kind", json!(null)),
        ("/runs/0/report/passes/0/cpu_ns", json!(1.5)),
        ("/runs/0/report/timeline", json!([])),
        ("/runs/0/report/timeline/left_out", missing.clone()),
        ("/runs/0/report/timeline/threads", missing.clone()),
        ("/runs/0/report/timeline/threads/0/id", json!("main")),
        ("/runs/0/report/timeline/spans/0/kind", json!("nap")),
        ("/runs/0/report/timeline/spans/0/batch", json!(null)),
        ("/runs/0/report/timeline/spans/0/thread", missing.clone()),
        ("/runs/0/report/timeline/spans/0/end_ns", json!("late")),
        ("/runs/0/report/timeline/spans/0/is_future", json!("yes")),
        ("/runs/0/report/timeline/left_out_since_ns", json!(-7)),
        ("/runs/0/report/findings/0/probe", json!(1)),
        ("/runs/0/report/findings", json!({})),
        ("/runs/0/report/findings/0/kind", json!("slow")),
    ] {
        AGREEMENT.assert_broken(&full(), pointer, &value);
    }
}

/// README.md says where the two differ, and why.
#[test]
fn only_the_reader_sees_two_runs_of_one_round() {
    let mut twice = full();
    twice["runs"][1] = twice["runs"][0].clone();
    let (by_schema, by_reader) = AGREEMENT.refusals(&twice);
    assert!(by_schema.is_empty(), "{by_schema:?}");
    assert!(by_reader.unwrap().contains("two runs of `a` in round 1"));
}

#[test]
fn only_the_schema_sees_other_ways_to_write_a_value() {
    let mut list = full();
    list["runs"][0]["report"]["phases"][0] = json!(["link", 2400, 2]);
    let mut kind = full();
    kind["runs"][0]["report"]["passes"][0]["kind"] = json!({ "pass": null });
    for document in [list, kind] {
        let (by_schema, by_reader) = AGREEMENT.refusals(&document);
        assert_eq!((by_schema.len(), by_reader), (1, None));
    }
}

/// What the program itself writes.
#[cfg(unix)]
#[test]
fn real_results_are_valid() {
    let dir = tempfile::tempdir().unwrap();
    let config = "[run]\nruns = 2\nout = \"out\"\n\
        [[target]]\nname = \"reports\"\ncommand = [\"sh\", \"-c\", 'cat report > $CONCURRENCY_PROBE_REPORT']\n\
        [[target]]\nname = \"silent\"\ncommand = [\"true\"]\nreports = false\n";
    std::fs::write(dir.path().join("gates.toml"), config).unwrap();
    std::fs::write(dir.path().join("report"), include_str!("fuzz/seeds/report.ndjson")).unwrap();
    let mut gate = std::process::Command::new(env!("CARGO_BIN_EXE_probe-gate"));
    let output = gate.current_dir(dir.path()).arg("run").output().unwrap();
    // There is no rule, and what nothing judged has not passed.
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let results = std::fs::read_to_string(dir.path().join("out/results.json")).unwrap();
    let results: Value = serde_json::from_str(&results).unwrap();
    assert_eq!(results["runs"].as_array().unwrap().len(), 4);
    assert_valid(&results, "results.json");
}
