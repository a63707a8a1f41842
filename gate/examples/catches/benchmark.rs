//! A benchmark with known answers: rounds of two targets, with noise of a known size.

use super::noise::{Machine, Noise};
use concurrency_probe_gate::{Results, Run};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

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

/// So many rounds, in which `pnpr` takes `ratio` times as long as `pacquet`, with normal noise.
pub(crate) fn benchmark(ratio: f64, rounds: u32, seed: u64) -> Results {
    noisy(Noise::Normal, ratio, rounds, seed)
}

/// The same with noise of any kind. The targets are run in turns, every other round backwards.
pub(crate) fn noisy(noise: Noise, ratio: f64, rounds: u32, seed: u64) -> Results {
    let in_turns = (1..=rounds)
        .flat_map(|round| if round % 2 == 0 { [(round, 1), (round, 0)] } else { [(round, 0), (round, 1)] });
    in_order(in_turns, noise, ratio, seed)
}

/// The same programs, each in a block of its own, on a machine that becomes slower.
pub(crate) fn in_blocks(noise: Noise, ratio: f64, rounds: u32, seed: u64) -> Results {
    let in_blocks = [0, 1].into_iter().flat_map(|number| (1..=rounds).map(move |round| (round, number)));
    Results { is_paired: false, ..in_order(in_blocks, noise, ratio, seed) }
}

/// Two programs, run in this order: the round, and which of the two.
fn in_order(order: impl IntoIterator<Item = (u32, usize)>, noise: Noise, ratio: f64, seed: u64) -> Results {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut machine = Machine::new(noise);
    let runs = order.into_iter().map(|(round, number)| {
        let (target, ratio) = [("pacquet", 1.0), ("pnpr", ratio)][number];
        let wall = (1e9 * ratio * machine.next(number, &mut random).exp()).round();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is about a second")]
        run(target, round, wall as u64, report(target))
    });
    Results::of_runs(runs.collect())
}

/// A run with this report.
pub(crate) fn run(target: &str, round: u32, wall_ns: u64, report: Value) -> Run {
    let report = serde_json::from_value(report).expect("it is a report");
    Run::of(target, round, wall_ns).with_reports([report])
}
