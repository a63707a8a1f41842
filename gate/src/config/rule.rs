//! `RuleConfig`: what must hold.

use super::value::{Value, expanded_name};
use crate::metric::{Metric, Sum};
use crate::nearest::unknown;
use crate::pattern::is_about;
use crate::statistics::Statistic;
use concurrency_probe::FindingKind;
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// A rule.
#[derive(Clone, Debug, Deserialize)]
pub struct RuleConfig {
    /// Its name.
    pub name: String,
    /// Why it is there, printed when it fails.
    pub why: String,
    /// The scope whose reports are judged, needed if a run leaves reports of several scopes. Each report of it is judged.
    #[serde(default)]
    pub scope: Option<String>,
    /// Whether means or medians of times are compared.
    #[serde(default)]
    pub statistic: Statistic,
    /// What it asks for.
    #[serde(flatten)]
    pub asks: Asks,
}

/// What a rule asks for.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum Asks {
    /// How long one target takes over another, by pairs of runs of one round.
    Ratio {
        /// The target.
        target: String,
        /// What it is compared with.
        over: String,
        /// What is compared; `wall_ns` by default.
        #[serde(default)]
        metric: Metric,
        /// The most that the ratio may be.
        at_most: f64,
        /// If given, the ratio may also be at most this many times the ratio of the baseline.
        #[serde(default)]
        ratchet: Option<f64>,
    },
    /// A number that each run reports, or its share of a sum. A time is judged by the interval of its mean.
    Metric {
        /// The target, or several: `*` matches any text. All targets by default.
        #[serde(default)]
        target: Option<String>,
        /// Which number.
        metric: Sum,
        /// Divided by this.
        #[serde(default)]
        of: Option<Sum>,
        /// The least that it may be.
        #[serde(default)]
        at_least: Option<f64>,
        /// The most that it may be.
        #[serde(default)]
        at_most: Option<f64>,
    },
    /// Sums that must agree in each run.
    Conserve {
        /// As in `metric`.
        #[serde(default)]
        target: Option<String>,
        /// One sum.
        sum: Sum,
        /// The other.
        equals: Sum,
    },
    /// The effective parallelism of a pass in each run: the time in its lanes over its time.
    Parallelism {
        /// As in `metric`.
        #[serde(default)]
        target: Option<String>,
        /// The label of the pass.
        pass: String,
        /// Which time it is.
        #[serde(default)]
        by: By,
        /// The least that it may be.
        at_least: f64,
    },
    /// How many threads were in a probe at once, in each run.
    Concurrent {
        /// As in `metric`.
        #[serde(default)]
        target: Option<String>,
        /// The probe.
        probe: String,
        /// Judges only the batch of this label; `""` is the calls outside of all batches. By default each batch is judged by itself, because
        /// a batch that overlaps must not hide one that does not. A batch with fewer calls than `at_least` is skipped.
        #[serde(default)]
        batch: Option<String>,
        /// The least that it may be.
        #[serde(default)]
        at_least: Option<u64>,
        /// The most that it may be.
        #[serde(default)]
        at_most: Option<u64>,
    },
    /// No finding in any report.
    Findings {
        /// As in `metric`.
        #[serde(default)]
        target: Option<String>,
        /// Only those of these kinds.
        #[serde(default)]
        of: Vec<FindingKind>,
    },
    /// How many times as fast a target is with one value of a parameter of its matrix as with another.
    Scaling {
        /// The target, without its parameters.
        target: String,
        /// The parameter. The target must not have another one.
        parameter: String,
        /// The value with which it is slow.
        from: Value,
        /// The value with which it is fast.
        to: Value,
        /// What is compared; `wall_ns` by default.
        #[serde(default)]
        metric: Metric,
        /// The least that it may be.
        at_least: f64,
    },
    /// How much longer a target takes than in a stored baseline.
    Delta {
        /// The target.
        target: String,
        /// What is compared; `wall_ns` by default.
        #[serde(default)]
        metric: Metric,
        /// The most that it may grow: 0.05 is 5 %.
        at_most: f64,
    },
}

/// Which time is compared with that of a pass.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// The time that its lanes were open. A lane that waits for a lock is open.
    #[default]
    Busy,
    /// The processor time of its lanes, where the system measures it. A lane that waits uses none.
    Cpu,
}

impl Asks {
    /// Its name in a configuration.
    pub fn kind(&self) -> &'static str {
        match self {
            Asks::Ratio { .. } => "ratio",
            Asks::Metric { .. } => "metric",
            Asks::Conserve { .. } => "conserve",
            Asks::Parallelism { .. } => "parallelism",
            Asks::Concurrent { .. } => "concurrent",
            Asks::Findings { .. } => "findings",
            Asks::Scaling { .. } => "scaling",
            Asks::Delta { .. } => "delta",
        }
    }
}

impl RuleConfig {
    /// Whether it judges runs of this target. A rule that names no target judges all targets.
    pub fn is_about(&self, target: &str) -> bool {
        let named = self.targets();
        named.is_empty() || named.into_iter().any(|pattern| is_about(&pattern, target))
    }

    /// The targets that it names, by name or by a pattern.
    pub fn targets(&self) -> Vec<Cow<'_, str>> {
        match &self.asks {
            Asks::Ratio { target, over, .. } => vec![target.into(), over.into()],
            Asks::Delta { target, .. } => vec![target.into()],
            Asks::Scaling { target, parameter, from, to, .. } => {
                let name = |value: &Value| expanded_name(target, &[(parameter, &value.to_string())]);
                vec![name(from).into(), name(to).into()]
            }
            Asks::Metric { target, .. }
            | Asks::Conserve { target, .. }
            | Asks::Parallelism { target, .. }
            | Asks::Concurrent { target, .. }
            | Asks::Findings { target, .. } => target.iter().map(Cow::from).collect(),
        }
    }

    /// Whether it reads only numbers of the process, and none of a report.
    fn is_of_process(&self) -> bool {
        match &self.asks {
            Asks::Ratio { metric, .. } | Asks::Delta { metric, .. } | Asks::Scaling { metric, .. } => {
                metric.is_of_process()
            }
            Asks::Metric { metric, of, .. } => {
                metric.is_of_process() && of.as_ref().is_none_or(Sum::is_of_process)
            }
            Asks::Conserve { sum, equals, .. } => sum.is_of_process() && equals.is_of_process(),
            Asks::Parallelism { .. } | Asks::Concurrent { .. } | Asks::Findings { .. } => false,
        }
    }

    pub(super) fn check(&self, names: &BTreeSet<&str>) -> Result<(), String> {
        for target in self.targets() {
            // A configuration without targets can judge any results.
            if !names.is_empty() && !names.iter().any(|name| is_about(&target, name)) {
                return Err(unknown("target", &target, names.iter().copied()));
            }
        }
        if self.scope.is_some() && self.is_of_process() {
            return Err(
                "`scope` has no effect: the rule is about the process, and not about its reports".into()
            );
        }
        let bounds: Vec<(&str, Option<f64>)> = match &self.asks {
            Asks::Ratio { target, over, .. } if target == over => {
                return Err(format!("`{target}` over itself is always 1"));
            }
            Asks::Ratio { target: several, .. }
            | Asks::Ratio { over: several, .. }
            | Asks::Delta { target: several, .. }
                if several.contains('*') && !names.contains(several.as_str()) =>
            {
                return Err(format!(
                    "`{several}` may be several targets, expected one: runs are compared pair by pair"
                ));
            }
            Asks::Ratio { at_most, ratchet, .. } => vec![("at_most", Some(*at_most)), ("ratchet", *ratchet)],
            Asks::Metric { at_least: None, at_most: None, .. }
            | Asks::Concurrent { at_least: None, at_most: None, .. } => {
                return Err("it has no bound: give `at_least` or `at_most`".into());
            }
            Asks::Metric { at_least: Some(least), at_most: Some(most), .. } if least > most => {
                return Err(format!("`at_least` {least} is more than `at_most` {most}"));
            }
            Asks::Metric { at_least, at_most, .. } => vec![("at_least", *at_least), ("at_most", *at_most)],
            Asks::Scaling { from, to, .. } if from == to => {
                return Err(format!("`{from}` compared with itself is always 1"));
            }
            Asks::Parallelism { at_least, .. } | Asks::Scaling { at_least, .. } => {
                vec![("at_least", Some(*at_least))]
            }
            Asks::Concurrent { at_least: Some(0), .. } => {
                return Err("`at_least = 0` always holds: give at least 1".into());
            }
            Asks::Concurrent { at_least: Some(least), at_most: Some(most), .. } if least > most => {
                return Err(format!("`at_least` {least} is more than `at_most` {most}"));
            }
            Asks::Concurrent { at_most: Some(0), .. } => {
                return Err(
                    "`at_most = 0` says that it is never called: use a `metric` rule of its `calls`".into()
                );
            }
            Asks::Conserve { sum, equals, .. } if sum == equals => {
                return Err(format!("`{sum}` always equals itself"));
            }
            Asks::Concurrent { .. } | Asks::Conserve { .. } | Asks::Findings { .. } => Vec::new(),
            Asks::Delta { at_most, .. } => vec![("at_most", Some(*at_most))],
        };
        let bad = bounds
            .into_iter()
            .find_map(|(name, bound)| Some((name, bound.filter(|b| !(b.is_finite() && *b >= 0.0))?)));
        match bad {
            Some((name, bound)) => {
                Err(format!("`{name}` is {bound}, expected a number that is not negative"))
            }
            None => Ok(()),
        }
    }
}
