//! A line of a history, and what its schema and its reader take.

use super::agreement::Agreement;
use concurrency_probe_gate::History;
use serde_json::{Value, json};
use std::path::Path;

pub(crate) const AGREEMENT: Agreement = Agreement {
    schema: include_str!("../../history.schema.json"),
    read: |bytes| {
        History::parse(bytes, Path::new("history.ndjson")).map(drop).map_err(|error| error.to_string())
    },
    begins: "history.ndjson:1:",
};

/// A session that has everything that one may have.
pub(crate) fn full() -> Value {
    json!({
        "schema": "probe-gate-history/1",
        "date": "2026-11-27T00:00:00Z",
        "commit": "0123456789abcdef+",
        "base": "fedcba9876543210",
        "host": { "os": "linux", "arch": "x86_64", "cpu": "A 1", "cores": 2 },
        "ran": "00ff",
        "failure": "target b: the run failed",
        "targets": [
            { "target": "a", "runs": 6, "figures": [
                { "metric": "wall_ns", "mean": 1000.5, "median": 1000.0, "low": 990.0, "high": 1010.0 },
                { "metric": "counts.cold", "mean": 3.0, "median": 3.0 },
            ] },
        ],
        "rules": [
            { "rule": "r", "verdict": "fails", "about": ["a"] },
            { "rule": "q", "verdict": "cannot_tell", "more": 3, "about": [] },
        ],
    })
}
