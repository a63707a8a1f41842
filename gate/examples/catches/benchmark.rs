//! A benchmark with known answers: rounds of two targets, with noise of a known size.

use concurrency_probe_gate::{Results, Run};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

/// The standard deviation of the ratio of a pair.
pub(crate) const NOISE: f64 = 0.05;

/// What an honest run of a target reports.
pub(crate) fn report(target: &str) -> Value {
    json!({
        "schema": "concurrency-probe/1", "scope": "install", "wall_ns": 1000,
        "counts": {"warm": 312, "cold": 996, "failed": 2, "linked": 1306, "streamed": i32::from(target == "pnpr")},
        "phases": [{"name": "link", "total_ns": 500, "times": 1}],
        "probes": [{"name": "link", "file": "f", "line": 1, "calls": 1306, "in_flight": 0, "max_in_flight": 4,
            "max_concurrent": 4, "unattributed": 0, "stolen": 0,
            "batches": [
                {"label": "warm", "file": "f", "line": 3, "calls": 312, "max_in_flight": 4, "max_concurrent": 4},
                {"label": "cold", "file": "f", "line": 2, "calls": 994, "max_in_flight": 4, "max_concurrent": 4},
            ]}],
        // Each item of the pass sends an offload, which is booked under the label of the pass.
        "passes": [
            {"kind": "pass", "label": "cold", "file": "f", "line": 2, "passes": 1, "items": 994, "completed": 994,
                "max_items": 994, "wall_ns": 1000, "busy_ns": 3900, "cpu_ns": 3000, "max_concurrent": 4, "threads": 4,
                "levels_ns": [0, 0, 0, 100, 900]},
            {"kind": "offload", "label": "cold", "file": "f", "line": 4, "passes": 994, "items": 994, "completed": 994,
                "max_items": 1, "wall_ns": 1000, "busy_ns": 3900, "cpu_ns": 3000, "max_concurrent": 4, "threads": 4,
                "levels_ns": [0, 0, 0, 100, 900]},
        ],
        "findings": [],
    })
}

/// So many rounds, in which `pnpr` takes `ratio` times as long as `pacquet`.
pub(crate) fn benchmark(ratio: f64, rounds: u32, seed: u64) -> Results {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut runs = Vec::new();
    for round in 1..=rounds {
        for (target, ratio) in [("pacquet", 1.0), ("pnpr", ratio)] {
            // The sum of twelve is nearly normal.
            let normal: f64 = (0..12).map(|_| random.random::<f64>()).sum::<f64>() - 6.0;
            let wall = (1e9 * ratio * (NOISE / 2.0_f64.sqrt() * normal).exp()).round();
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "it is about a second"
            )]
            runs.push(run(target, round, wall as u64, report(target)));
        }
    }
    Results::of_runs(runs)
}

/// A run with this report.
pub(crate) fn run(target: &str, round: u32, wall_ns: u64, report: Value) -> Run {
    let report = serde_json::from_value(report).expect("it is a report");
    Run::of(target, round, wall_ns).with_reports([report])
}
