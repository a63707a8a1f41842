//! `CompareConfig`: how two commits are compared.

use super::seconds::check_seconds;
use crate::metric::Metric;
use crate::statistics::Statistic;
use serde::Deserialize;

/// How two commits are compared: `[compare]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CompareConfig {
    /// Run once in each checkout, in the directory of the configuration. Nothing is built if it is empty.
    pub build: Vec<String>,
    /// A build that takes longer than this many seconds is ended, and has failed.
    pub build_timeout_s: f64,
    /// The most that the head commit may take over the base commit.
    ///
    /// 1.05 by default. A bound of 1 could hardly be shown to hold: the interval of equal programs lies around 1, and is below it once in
    /// forty times. Ten pairs of equal programs that vary by 3.5 % (standard deviation) are shown to be within 5 % nine times in ten;
    /// `tests/compare.rs` holds the rate.
    pub at_most: f64,
    /// What is compared. There is one rule for each.
    pub metrics: Vec<Metric>,
    /// The scope whose reports metrics of reports are taken from, where a run leaves those of several.
    pub scope: Option<String>,
    /// Whether means or medians are compared.
    pub statistic: Statistic,
}

impl Default for CompareConfig {
    fn default() -> Self {
        CompareConfig {
            build: Vec::new(),
            build_timeout_s: 3600.0,
            at_most: 1.05,
            metrics: vec![Metric::WallNs],
            scope: None,
            statistic: Statistic::default(),
        }
    }
}

impl CompareConfig {
    pub(super) fn check(&self) -> Result<(), String> {
        let CompareConfig { build_timeout_s, at_most, metrics, .. } = self;
        check_seconds("build_timeout_s", *build_timeout_s)?;
        if !(at_most.is_finite() && *at_most > 0.0) {
            return Err(format!(
                "`at_most` of `[compare]` is {at_most}, expected a number that is more than 0"
            ));
        }
        if metrics.is_empty() {
            return Err(
                "`metrics` of `[compare]` is empty: expected what is compared, as [\"wall_ns\"]".into()
            );
        }
        if self.scope.is_some() && metrics.iter().all(Metric::is_of_process) {
            return Err("`scope` of `[compare]` has no effect: all `metrics` are about the process".into());
        }
        let twice = metrics.iter().enumerate().find(|(at, metric)| metrics[..*at].contains(metric));
        match twice {
            Some((_, metric)) => Err(format!("`metrics` of `[compare]` has `{metric}` twice")),
            None => Ok(()),
        }
    }
}
