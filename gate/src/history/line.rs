//! `SessionLine`: what a history keeps of a session.

use crate::config::{Config, Side};
use crate::judgement::{Judgement, Verdict};
use crate::made::{Commits, Host};
use crate::median::median_of;
use crate::metric::Metric;
use crate::results::{Results, Run};
use crate::statistics::{Design, Interval, Statistic};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What a history keeps of a session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SessionLine {
    /// [`SessionLine::SCHEMA`].
    pub schema: String,
    /// When its first run was begun, as RFC 3339 has it, in UTC, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// The commit, with `+` after it if files were changed since, if that is known. Of two that were compared it is the head.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// The commit that it was compared with, if it was with one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
    /// The machine, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<Host>,
    /// SHA-256 of what was run: of the definitions and the programs of all targets, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ran: Option<String>,
    /// What failed, if a run failed and ended the session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// What was measured of each target.
    pub targets: Vec<TargetLine>,
    /// The verdict of each rule.
    pub rules: Vec<RuleLine>,
}

/// What was measured of a target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TargetLine {
    /// Its name.
    pub target: String,
    /// How many runs of it there were.
    pub runs: u32,
    /// The numbers of its runs.
    pub figures: Vec<Figure>,
}

/// A number of all runs of a target. Times are nanoseconds, memory is bytes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// Which number: `wall_ns`, `phases.link`, `counts.cold`.
    pub metric: String,
    /// The mean of the runs that have it.
    pub mean: f64,
    /// Their median.
    pub median: f64,
    /// The low end of the 95 % interval of the mean; left out if there are fewer than five runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<f64>,
    /// The high end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<f64>,
}

/// The verdict of one rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RuleLine {
    /// Its name.
    pub rule: String,
    /// Its verdict.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// The targets of the session that it is about.
    pub about: Vec<String>,
}

impl SessionLine {
    /// The name of the format, and its version.
    pub const SCHEMA: &'static str = "probe-gate-history/1";

    /// The line of a session that was judged.
    pub fn of(results: &Results, judgements: &[Judgement], config: &Config) -> Self {
        let made = results.made.as_ref();
        let wall = Metric::WallNs;
        let mut metrics = vec![&wall];
        for metric in config.run.items.iter().chain(&config.run.history) {
            if !metrics.contains(&metric) {
                metrics.push(metric);
            }
        }
        let targets = results.targets();
        let rule = |judgement: &Judgement| {
            let rule = config.rules.iter().find(|rule| rule.name == judgement.rule);
            let is_about = |target: &&&str| rule.is_some_and(|rule| rule.is_about(target));
            let about = targets.iter().filter(is_about).map(|target| (*target).to_owned()).collect();
            RuleLine { rule: judgement.rule.clone(), verdict: judgement.verdict, about }
        };
        SessionLine {
            schema: Self::SCHEMA.into(),
            date: made.map(|made| made.date.clone()),
            commit: made.and_then(|made| made.commit.clone()),
            base: made.and_then(|made| made.compared.as_ref()).map(|Commits { base, .. }| base.clone()),
            host: made.map(|made| made.host.clone()),
            ran: made
                .and_then(|made| serde_json::to_vec(&made.targets).ok())
                .map(|text| format!("{:x}", Sha256::digest(text))),
            failure: results.failure.as_ref().map(|failure| failure.what.clone()),
            targets: targets.iter().map(|target| TargetLine::of(results, target, &metrics)).collect(),
            rules: judgements.iter().map(rule).collect(),
        }
    }

    /// The rules about a target that failed.
    pub fn failed<'a>(&'a self, target: &'a str) -> impl Iterator<Item = &'a str> {
        let is_of = move |rule: &&RuleLine| {
            rule.verdict == Verdict::Fails && rule.about.iter().any(|about| about == target)
        };
        self.rules.iter().filter(is_of).map(|rule| rule.rule.as_str())
    }

    /// What was measured of a target.
    pub fn of_target(&self, target: &str) -> Option<&TargetLine> {
        self.targets.iter().find(|line| line.target == target)
    }

    /// The short name of the commit, and the day. If two commits were compared, it is the head.
    pub fn label(&self) -> String {
        self.label_of("")
    }

    /// The short name of the commit of a target, and the day. If two commits were compared, each has its own targets.
    pub fn label_of(&self, target: &str) -> String {
        let is_of_base = target.strip_suffix(Side::Base.name()).is_some_and(|name| name.ends_with('@'));
        let of_target =
            if is_of_base { self.base.as_deref().or(self.commit.as_deref()) } else { self.commit.as_deref() };
        let commit = of_target.unwrap_or("no commit");
        let short: String = if commit.chars().all(|c| c.is_ascii_hexdigit() || c == '+') {
            let is_changed = commit.ends_with('+');
            commit.chars().take(7).chain(is_changed.then_some('+')).collect()
        } else {
            commit.to_owned()
        };
        let day = self.date.as_deref().and_then(|date| date.get(..10)).unwrap_or("no date");
        format!("{short} {day}")
    }
}

impl TargetLine {
    fn of(results: &Results, target: &str, metrics: &[&Metric]) -> Self {
        let runs: Vec<&Run> = results.of_target(target).collect();
        let figure = |metric: &&Metric| {
            let values: Vec<f64> = runs.iter().filter_map(|run| metric.everywhere(run)).collect();
            Figure::of(metric.to_string(), &values)
        };
        TargetLine {
            target: target.into(),
            runs: u32::try_from(runs.len()).unwrap_or(u32::MAX),
            figures: metrics.iter().filter_map(figure).collect(),
        }
    }

    /// One of its numbers.
    pub fn figure(&self, metric: &str) -> Option<&Figure> {
        self.figures.iter().find(|figure| figure.metric == metric)
    }
}

impl Figure {
    fn of(metric: String, values: &[f64]) -> Option<Self> {
        let median = median_of(values)?;
        let interval = Interval::of(values, Statistic::Mean, Design::Fixed);
        #[expect(clippy::cast_precision_loss, reason = "there are few")]
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        Some(Figure {
            metric,
            mean,
            median,
            low: interval.map(|interval| interval.low),
            high: interval.map(|interval| interval.high),
        })
    }
}
