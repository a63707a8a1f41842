//! Warnings that are not verdicts: runs that took far longer than the others.

use crate::results::Results;
use crate::statistics::outliers;

/// The most outliers that are named of one target.
const MOST: usize = 5;

/// A sentence for each target that has outliers.
pub fn warnings(results: &Results) -> Vec<String> {
    results.targets().into_iter().filter_map(|target| of_target(results, target)).collect()
}

fn of_target(results: &Results, target: &str) -> Option<String> {
    let runs: Vec<_> = results.of_target(target).collect();
    let times: Vec<u64> = runs.iter().map(|run| run.wall_ns).collect();
    let outliers = outliers(&times);
    let named: Vec<String> = outliers
        .iter()
        .take(MOST)
        .map(|(at, times)| format!("round {} took {times:.2} times the median", runs[*at].round))
        .collect();
    let why = if outliers.iter().any(|(_, times)| *times > 1.0) {
        "Something else used the machine, or a cache was cold"
    } else {
        "Something else used the machine in the other runs, or that run did less"
    };
    let more = outliers.len().saturating_sub(MOST);
    let more = if more > 0 { format!(", and {more} more") } else { String::new() };
    (!named.is_empty()).then(|| {
        format!(
            "{target} has outliers: {}{more}. {why}: make the machine quieter, warm up more, or judge by `statistic = \"median\"`",
            named.join(", ")
        )
    })
}
