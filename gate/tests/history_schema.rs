//! `history.schema.json` and the reader of a history agree.

mod support;

use concurrency_probe_gate::History;
use serde_json::{Value, json};
use std::path::Path;
use support::agreement::MISSING;
use support::history_line::{AGREEMENT, full};

#[test]
fn the_schema_is_one_and_describes_everything() {
    jsonschema::meta::validate(&AGREEMENT.schema()).unwrap();
    let all = AGREEMENT.schema();
    let definitions =
        all["$defs"].as_object().unwrap().iter().map(|(name, definition)| (name.as_str(), definition));
    for (name, definition) in definitions.chain([("line", &all)]) {
        assert!(!definition["description"].as_str().unwrap().is_empty(), "{name}");
        for (property, schema) in definition["properties"].as_object().unwrap() {
            assert!(!schema["description"].as_str().unwrap_or_default().is_empty(), "{name}.{property}");
        }
    }
}

#[test]
fn the_schema_has_every_field_that_is_written() {
    let read = History::parse(full().to_string().as_bytes(), Path::new("h")).unwrap();
    assert_eq!(serde_json::to_value(&read.sessions[0]).unwrap(), full(), "everything is read and written");
    AGREEMENT.assert_known(&full());
}

#[test]
fn what_is_valid_is_so_by_both() {
    AGREEMENT.assert_valid(&full(), "full");
    AGREEMENT
        .assert_valid(&json!({ "schema": "probe-gate-history/1", "targets": [], "rules": [] }), "the least");
    let mut later = full();
    later["key_of_a_later_version"] = json!([1]);
    AGREEMENT.assert_valid(&later, "keys may be added");
    for pointer in ["/date", "/commit", "/base", "/host", "/ran", "/failure", "/targets/0/figures/0/low"] {
        let mut without = full();
        *without.pointer_mut(pointer).unwrap() = Value::Null;
        AGREEMENT.assert_valid(&without, pointer);
    }
    for verdict in ["holds", "fails", "no_data"] {
        let mut known = full();
        known["rules"][0]["verdict"] = verdict.into();
        AGREEMENT.assert_valid(&known, verdict);
    }
}

#[test]
fn what_is_broken_is_refused_by_both() {
    let missing = Value::from(MISSING);
    for (pointer, value) in [
        ("/schema", missing.clone()),
        ("/schema", json!("probe-gate-history/2")),
        ("/schema", json!("probe-gate/1")),
        ("/date", json!(1)),
        ("/commit", json!([])),
        ("/host", json!("A 1")),
        ("/host/cores", json!(-1)),
        ("/host/cpu", missing.clone()),
        ("/failure", json!(true)),
        ("/targets", missing.clone()),
        ("/targets/0", json!("a")),
        ("/targets/0/runs", json!(-1)),
        ("/targets/0/runs", json!(1_u64 << 32)),
        ("/targets/0/figures", json!({})),
        ("/targets/0/figures/0/metric", missing.clone()),
        ("/targets/0/figures/0/mean", json!("1")),
        ("/targets/0/figures/0/mean", json!(null)),
        ("/targets/0/figures/0/high", json!("1")),
        ("/rules", json!(null)),
        ("/rules/0/rule", missing.clone()),
        ("/rules/0/verdict", json!("maybe")),
        ("/rules/1/more", missing.clone()),
        ("/rules/1/more", json!(-1)),
        ("/rules/0/about", json!("a")),
    ] {
        AGREEMENT.assert_broken(&full(), pointer, &value);
    }
}
