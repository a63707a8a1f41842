//! What a configuration asks for, in words.

use crate::config::{Asks, By, CompareConfig, Config};
use crate::metric::Sum;
use crate::sentence::sentence;
use std::fmt::Write;

/// An example configuration to start from.
pub const EXAMPLE: &str = include_str!("../gates.example.toml");

/// A sentence for each target and each rule.
pub fn explain(config: &Config) -> String {
    let mut text = String::new();
    for target in &config.targets {
        let _ = writeln!(text, "target {}: {}", target.name, sentence(&target.command.join(" ")));
    }
    if let Some(CompareConfig { build, at_most, metrics, .. }) = &config.compare {
        let build =
            if build.is_empty() { "is not built".into() } else { format!("is built by {}", build.join(" ")) };
        let metrics: Vec<String> = metrics.iter().map(ToString::to_string).collect();
        let what = format!(
            "each commit {build}; {} of each target of the head is certainly at most {at_most} times that of the base, by pairs of runs",
            metrics.join(", ")
        );
        let _ = writeln!(text, "compare: {}", sentence(&what));
    }
    for rule in &config.rules {
        let asks = sentence(&asks(&rule.asks));
        let _ = writeln!(text, "rule {}: {asks}.\n    {}", sentence(&rule.name), sentence(&rule.why));
    }
    text
}

fn asks(asks: &Asks) -> String {
    let runs = |target: &Option<String>| match target {
        Some(target) => format!("in each run of {target}"),
        None => "in each run".to_owned(),
    };
    let mean = |target: &Option<String>| match target {
        Some(target) => format!("by the 95 % interval of the mean of all runs of {target},"),
        None => "by the 95 % interval of the mean of all runs,".to_owned(),
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
        Asks::Parallelism { target, pass, by: By::Busy, at_least } => {
            format!("{} pass {pass} kept at least {at_least} lanes open at once, on average", runs(target))
        }
        Asks::Parallelism { target, pass, by: By::Cpu, at_least } => {
            format!("{} pass {pass} kept at least {at_least} processors busy, on average", runs(target))
        }
        Asks::Concurrent { target, probe, batch, at_least, at_most } => {
            let batch = match batch {
                Some(label) => format!("in batch {label}"),
                None => "in each batch that has as many calls".to_owned(),
            };
            let bounds = match (at_least, at_most) {
                (Some(least), Some(most)) => format!("from {least} to {most}"),
                (Some(least), None) => format!("at least {least}"),
                (None, Some(most)) => format!("at most {most}"),
                (None, None) => "any number of".to_owned(),
            };
            format!("{} {bounds} threads were in {probe} at once, {batch}", runs(target))
        }
        Asks::Findings { target, of } => {
            let kinds: Vec<String> = of.iter().map(ToString::to_string).collect();
            let kinds = if kinds.is_empty() {
                "no finding".into()
            } else {
                format!("no finding of {}", kinds.join(", "))
            };
            format!("{} there is {kinds}", runs(target))
        }
        Asks::Scaling { target, parameter, from, to, metric, at_least } => {
            format!(
                "the {metric} of {target} with {parameter} {from} is certainly at least {at_least} times that with {to}, by pairs of runs"
            )
        }
        Asks::Delta { target, metric, at_most } => {
            format!(
                "the {metric} of {target} is certainly at most {} % above that of the baseline",
                at_most * 100.0
            )
        }
    }
}
