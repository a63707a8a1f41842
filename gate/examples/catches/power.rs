//! How often a rule about times holds, fails, or cannot tell, of benchmarks whose ratio is known.

use super::benchmark::{in_blocks, noisy};
use super::breakages::config;
use super::noise::Noise;
use concurrency_probe_gate::{Config, Design, Results, Statistic, Verdict, judge, judge_at_look};

/// How many benchmarks of each kind. A rate of 2.5 % is then seen as 1.3 to 3.9 %, but for once in a hundred times.
const BENCHMARKS: u64 = 1000;

/// The rule about times.
pub(crate) fn rule(statistic: Statistic) -> Config {
    let mut config = config();
    config.rules.retain(|rule| rule.name == "ratio");
    config.rules[0].statistic = statistic;
    config
}

/// How many of so many benchmarks hold, and fail.
pub(crate) fn verdicts(
    noise: Noise,
    statistic: Statistic,
    ratio: f64,
    rounds: u32,
    benchmarks: u64,
) -> [u64; 2] {
    let config = rule(statistic);
    count(benchmarks, |seed| judge(&config, &noisy(noise, ratio, rounds, seed), None)[0].verdict)
}

/// The same, looked at after 6, 12, 24, .. rounds up to so many, and ended when it is decided.
pub(crate) fn sequential(
    noise: Noise,
    statistic: Statistic,
    ratio: f64,
    rounds: u32,
    benchmarks: u64,
) -> [u64; 2] {
    let config = rule(statistic);
    count(benchmarks, |seed| {
        let all = noisy(noise, ratio, rounds, seed);
        let looks = (1..).map(|look| (look, Design::runs_of_look(look)));
        let mut looks = looks.take_while(|(_, runs)| *runs <= rounds);
        let decided = looks.find_map(|(look, runs)| {
            let seen: Results = all.up_to_round(runs);
            let verdict = judge_at_look(&config, &seen, None, look)[0].verdict;
            (!matches!(verdict, Verdict::CannotTell { .. })).then_some(verdict)
        });
        decided.unwrap_or(Verdict::CannotTell { more: 1 })
    })
}

/// How many of so many benchmarks hold, and fail.
pub(crate) fn count(benchmarks: u64, verdict: impl Fn(u64) -> Verdict) -> [u64; 2] {
    let mut count = [0; 2];
    for seed in 0..benchmarks {
        match verdict(seed) {
            Verdict::Holds => count[0] += 1,
            Verdict::Fails => count[1] += 1,
            _ => {}
        }
    }
    count
}

/// Prints the tables.
#[allow(dead_code, reason = "the tests ask for single rows")]
pub(crate) fn print() {
    let percent = |count: u64| format!("{}.{} %", count / 10, count % 10);
    println!(
        "False alarms and power. A bound of 1.00, runs with a standard deviation of 3.5 %, so pairs with 5 %; {BENCHMARKS} benchmarks a cell. At a \
         true ratio of 1.00 each failure is a false alarm, of which there should be 2.5 %; at 1.10 each failure is right. Rows with * are of \
         noise that is not as it is assumed: rounds depend on each other.\n"
    );
    println!("| noise | judged by | pairs | fails at 1.00 | holds at 1.00 | fails at 1.10 |");
    println!("|---|---|---|---|---|---|");
    for noise in Noise::ALL {
        let mark = if noise.is_as_assumed() { "" } else { "*" };
        for (statistic, name) in [(Statistic::Mean, "mean"), (Statistic::Median, "median")] {
            for rounds in [5, 10, 20, 40] {
                let [holds, fails] = verdicts(noise, statistic, 1.0, rounds, BENCHMARKS);
                let [_, power] = verdicts(noise, statistic, 1.1, rounds, BENCHMARKS);
                let [holds, fails, power] = [holds, fails, power].map(percent);
                println!("| {}{mark} | {name} | {rounds} | {fails} | {holds} | {power} |", noise.name());
            }
            let [holds, fails] = sequential(noise, statistic, 1.0, 48, BENCHMARKS);
            let [_, power] = sequential(noise, statistic, 1.1, 48, BENCHMARKS);
            let [holds, fails, power] = [holds, fails, power].map(percent);
            println!(
                "| {}{mark} | {name}, until decided | up to 48 | {fails} | {holds} | {power} |",
                noise.name()
            );
        }
    }
    println!(
        "\nRuns in blocks, as hyperfine makes them, judged as two samples with a slope in common. Rows with * as above.\n"
    );
    println!("| noise | runs in a block | fails at 1.00 | fails at 1.10 | fails at 1.30 |");
    println!("|---|---|---|---|---|");
    for noise in Noise::ALL {
        for rounds in [10, 20, 40] {
            let config = rule(Statistic::Mean);
            let fails = [1.0, 1.1, 1.3].map(|ratio| {
                let of = |seed| judge(&config, &in_blocks(noise, ratio, rounds, seed), None)[0].verdict;
                percent(count(BENCHMARKS, of)[1])
            });
            let mark = if noise.is_as_assumed() { "" } else { "*" };
            println!("| {}{mark} | {rounds} | {} |", noise.name(), fails.join(" | "));
        }
    }
    println!("\nHow small a change it sees, with normal noise, by the mean:\n");
    println!("| true ratio | pairs | holds | fails | cannot tell yet |");
    println!("|---|---|---|---|---|");
    for ratio in [0.9, 0.95, 1.0, 1.05, 1.1] {
        for rounds in [5, 10, 20, 40] {
            let [holds, fails] = verdicts(Noise::Normal, Statistic::Mean, ratio, rounds, BENCHMARKS);
            let unsure = percent(BENCHMARKS - holds - fails);
            println!("| {ratio:.2} | {rounds} | {} | {} | {unsure} |", percent(holds), percent(fails));
        }
    }
}
