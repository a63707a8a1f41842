//! What a configuration asks for, in words.

use crate::config::{Asks, Config};
use crate::metric::Sum;
use std::fmt::Write;

/// A configuration to begin with.
pub const EXAMPLE: &str = include_str!("../gates.example.toml");

/// A sentence for each rule.
pub fn explain(config: &Config) -> String {
    let mut text = String::new();
    for target in &config.targets {
        let _ = writeln!(text, "target {}: {}", target.name, target.command.join(" "));
    }
    for rule in &config.rules {
        let _ = writeln!(text, "rule {}: {}.\n    {}", rule.name, sentence(&rule.asks), rule.why);
    }
    text
}

fn sentence(asks: &Asks) -> String {
    let runs = |target: &Option<String>| match target {
        Some(target) => format!("in each run of {target}"),
        None => "in each run".to_owned(),
    };
    let mean = |target: &Option<String>| match target {
        Some(target) => format!("the mean of all runs of {target} is certain:"),
        None => "the mean of all runs is certain:".to_owned(),
    };
    match asks {
        Asks::Ratio { target, over, metric, at_most, ratchet } => {
            let ratchet = ratchet.map_or_else(String::new, |margin| {
                format!(", and at most {margin} times what it was in the baseline")
            });
            format!(
                "the {metric} of {target} is certainly at most {at_most} times that of {over}, by pairs of runs{ratchet}"
            )
        }
        Asks::Metric { target, metric, of: of_sum, at_least, at_most } => {
            let of = of_sum.as_ref().map_or_else(String::new, |of| format!(", as a share of {of},"));
            let bounds = match (at_least, at_most) {
                (Some(least), Some(most)) => format!("from {least} to {most}"),
                (Some(least), None) => format!("at least {least}"),
                (None, Some(most)) => format!("at most {most}"),
                (None, None) => "anything".to_owned(),
            };
            let is_time = metric.is_time() || of_sum.as_ref().is_some_and(Sum::is_time);
            let runs = if is_time { mean(target) } else { runs(target) };
            format!("{runs} {metric}{of} is {bounds}")
        }
        Asks::Conserve { target, sum, equals } => format!("{} {sum} is exactly {equals}", runs(target)),
        Asks::Parallelism { target, pass, at_least } => {
            format!("{} pass {pass} kept at least {at_least} threads busy, on average", runs(target))
        }
        Asks::Concurrent { target, probe, batch, at_least } => {
            let batch = batch.as_ref().map_or_else(String::new, |label| format!(" in batch {label}"));
            format!("{} at least {at_least} threads were in {probe} at once{batch}", runs(target))
        }
        Asks::Delta { target, metric, at_most } => {
            format!(
                "the {metric} of {target} is certainly at most {} % above that of the baseline",
                at_most * 100.0
            )
        }
    }
}
