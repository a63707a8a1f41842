//! Lanes in the Chrome trace format, which <https://ui.perfetto.dev> opens.

use crate::results::Results;
use serde_json::{Value, json};

/// Each item of each pass that has a timeline: a process is a run, a thread a worker of its pool.
pub(super) fn trace(results: &Results) -> String {
    let mut events: Vec<Value> = Vec::new();
    for (process, run) in results.runs.iter().enumerate() {
        let Some(report) = &run.report else { continue };
        let name = format!("{}, round {}", run.target, run.round);
        events.push(json!({ "ph": "M", "name": "process_name", "pid": process, "args": { "name": name } }));
        for pass in &report.passes {
            for span in pass.timeline.iter().flat_map(|timeline| &timeline.spans) {
                events.push(json!({
                    "ph": "X", "name": pass.label, "cat": "lane", "pid": process, "tid": span.thread,
                    "ts": micros(span.start_ns), "dur": micros(span.end_ns.saturating_sub(span.start_ns)),
                }));
            }
        }
    }
    json!({ "traceEvents": events, "displayTimeUnit": "ms" }).to_string()
}

#[expect(clippy::cast_precision_loss, reason = "2^53 ns are 104 days")]
fn micros(ns: u64) -> f64 {
    ns as f64 / 1000.0
}
