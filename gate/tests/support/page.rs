//! Results whose names would be tags if they were not escaped, and the page of them.

use concurrency_probe_gate::{Config, Results, Run, artifacts, judge};
use serde_json::{Value, json};
use std::path::Path;

/// Two targets, one of which shows the bug, and whose names and labels would be tags if they were not escaped.
pub(crate) fn results() -> Results {
    let mut runs = Vec::new();
    for round in 1..=6 {
        for (target, peak) in [("one-pass", 4_u64), ("inline", 1)] {
            // As many beside one another as there are threads.
            let lane = |n: u64| {
                let start_ns = n / peak * peak * 100;
                json!({ "kind": "lane", "name": "cold & <b>", "batch": "cold & <b>", "thread": n % 4,
                "start_ns": start_ns, "end_ns": start_ns + peak * 100 - 10 })
            };
            let phase = json!({ "kind": "phase", "name": "<i>link</i>", "batch": "", "thread": 4, "start_ns": 50,
                "end_ns": 1000 });
            let threads: Vec<_> =
                (0..=4).map(|id| json!({ "id": id, "name": format!("<u>worker-{id}") })).collect();
            let findings: &[_] = if peak > 1 {
                &[]
            } else {
                &[
                    json!({ "kind": "degenerate_passes", "file": "src/<s>.rs", "line": 207, "message": "8 passes of 1 item each" }),
                ]
            };
            let report = json!({
                "schema": "concurrency-probe/1", "scope": "install", "wall_ns": 1000,
                "counts": { "warm": 312, "cold": 996 },
                "phases": [{ "name": "<i>link</i>", "total_ns": 500, "times": 1 }],
                "probes": [],
                "passes": [
                    { "kind": "pass", "label": "cold & <b>", "file": "f", "line": 2, "passes": 1, "items": 8, "completed": 8,
                        "max_items": 8, "wall_ns": 1000, "busy_ns": 1000 * peak, "max_concurrent": peak, "threads": 4,
                        "levels_ns": [0, 600, 400] },
                    { "kind": "offload", "label": "cold & <b>", "file": "f", "line": 3, "passes": 8, "items": 8, "completed": 8,
                        "max_items": 1, "wall_ns": 1000, "busy_ns": 4000, "max_concurrent": 4, "threads": 4,
                        "levels_ns": [0, 0, 0, 0, 1000] },
                ],
                "findings": findings,
                "timeline": { "left_out": 0, "spans": (0..8).map(lane).chain([phase]).collect::<Vec<_>>(), "threads": threads },
            });
            let report = serde_json::from_value(report).unwrap();
            let wall_ns = 1_000_000 * u64::from(round) * (5 - peak);
            runs.push(Run::of(target, round, wall_ns).with_reports([report]));
        }
    }
    Results::of_runs(runs)
}

pub(crate) const RULES: &str = r#"
[[rule]]
name = "overlap <script>alert(1)</script>"
why = "the bug"
kind = "parallelism"
pass = "cold & <b>"
at_least = 2

[[rule]]
name = "compared"
why = "it is drawn"
kind = "ratio"
target = "inline"
over = "one-pass"
at_most = 1
"#;

/// The page of these results.
pub(crate) fn page(results: &Results) -> String {
    let config = Config::parse(RULES, Path::new("gates.toml")).unwrap();
    let all = artifacts::all(results, &judge(&config, results, None), &[]);
    all.into_iter().find(|artifact| artifact.name == "index.html").unwrap().text
}

/// What the script of a page draws.
pub(crate) fn data(page: &str) -> Value {
    let data = page.split("<script type=\"application/json\" id=\"data\">").nth(1).unwrap();
    serde_json::from_str(data.split("</script>").next().unwrap()).unwrap()
}

/// What a person reads where no script runs: all that is before the data and the library.
pub(crate) fn read(page: &str) -> &str {
    page.split("<footer>").next().unwrap()
}

/// A chart of a page.
pub(crate) fn chart(page: &str, id: &str) -> Value {
    let charts = data(page)["charts"].as_array().unwrap().clone();
    charts.into_iter().find(|chart| chart["id"] == id).unwrap_or_else(|| panic!("there is no {id}"))
}

/// Which lanes are traced, in nanoseconds, as ui.perfetto.dev reads them: it cuts off what is behind the point.
pub(crate) fn traced(results: &Results) -> Vec<(u64, u64)> {
    let trace: Value = serde_json::from_str(&artifacts::trace(results).text).unwrap();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "as it does")]
    let ns = |micros: &Value| (micros.as_f64().unwrap() * 1000.0) as u64;
    let lanes = trace["traceEvents"].as_array().unwrap().iter().filter(|event| event["ph"] == "X");
    lanes.map(|lane| (ns(&lane["ts"]), ns(&lane["ts"]).saturating_add(ns(&lane["dur"])))).collect()
}

/// One run with this timeline.
pub(crate) fn with_timeline(timeline: &Value) -> Results {
    let mut results = results();
    results.runs.truncate(1);
    let report = results.runs[0].report.as_mut().unwrap();
    report.timeline = Some(serde_json::from_value(timeline.clone()).unwrap());
    results
}
