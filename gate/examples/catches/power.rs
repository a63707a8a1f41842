//! How often a rule about times holds, fails, or cannot tell, of benchmarks whose ratio is known.

use super::benchmark::{NOISE, benchmark};
use super::breakages::config;
use concurrency_probe_gate::{Verdict, judge};

/// How many benchmarks of each kind.
const BENCHMARKS: u64 = 1000;

/// How many of so many benchmarks hold, and fail.
pub(crate) fn verdicts(ratio: f64, rounds: u32, benchmarks: u64) -> [u64; 2] {
    let mut config = config();
    config.rules.retain(|rule| rule.name == "ratio");
    let mut count = [0; 2];
    for seed in 0..benchmarks {
        match judge(&config, &benchmark(ratio, rounds, seed), None)[0].verdict {
            Verdict::Holds => count[0] += 1,
            Verdict::Fails => count[1] += 1,
            _ => {}
        }
    }
    count
}

/// Prints a table.
#[allow(dead_code, reason = "the tests ask for single rows")]
pub(crate) fn print() {
    println!(
        "A bound of 1.00, pairs with a standard deviation of {} %, {BENCHMARKS} benchmarks a row:\n",
        NOISE * 100.0
    );
    println!("| true ratio | pairs | holds | fails | cannot tell yet |");
    println!("|---|---|---|---|---|");
    for ratio in [0.9, 0.95, 1.0, 1.05, 1.1] {
        for rounds in [5, 10, 20, 40] {
            let [holds, fails] = verdicts(ratio, rounds, BENCHMARKS);
            let percent = |count: u64| format!("{}.{} %", count / 10, count % 10);
            let unsure = BENCHMARKS - holds - fails;
            println!(
                "| {ratio:.2} | {rounds} | {} | {} | {} |",
                percent(holds),
                percent(fails),
                percent(unsure)
            );
        }
    }
}
