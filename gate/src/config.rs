//! `Config`: what `gates.toml` says.

use crate::bounded::CONFIG;
use crate::config_error::ConfigError;
use crate::json;
use crate::metric::{Metric, Sum};
use crate::nearest::unknown;
use crate::pattern::is_about;
use crate::results::Results;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What `gates.toml` says: which targets are run, and which rules must hold.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// How the targets are run.
    #[serde(default)]
    pub run: RunConfig,
    /// What is run.
    #[serde(default, rename = "target")]
    pub targets: Vec<TargetConfig>,
    /// What must hold.
    #[serde(default, rename = "rule")]
    pub rules: Vec<RuleConfig>,
}

/// How the targets are run.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RunConfig {
    /// How often each target is run, 1 to 10,000.
    pub runs: u32,
    /// How often it is run before that, in no figure.
    pub warmups: u32,
    /// After so many seconds no further round is begun, however many runs are left.
    pub budget_s: Option<f64>,
    /// After so many seconds a run is ended, and has failed.
    pub timeout_s: f64,
    /// Where results and artifacts are written, relative to the configuration.
    pub out: PathBuf,
    /// Times that are items of their own in every artifact, beside `wall_ns`: `phases.link`.
    pub items: Vec<Metric>,
}

impl Default for RunConfig {
    fn default() -> Self {
        RunConfig {
            runs: 10,
            warmups: 1,
            budget_s: None,
            timeout_s: 600.0,
            out: "target/probe-gate".into(),
            items: Vec::new(),
        }
    }
}

/// A target.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetConfig {
    /// Its name, which rules use: letters, digits, `-`, `_` and `.`.
    pub name: String,
    /// The program and its arguments. Its report goes to the file that `CONCURRENCY_PROBE_REPORT` names.
    pub command: Vec<String>,
    /// Where it is run, relative to the configuration.
    #[serde(default)]
    pub dir: PathBuf,
    /// Its environment, beside that of the gate.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// Whether it must leave a report; without one it is judged by its time alone.
    #[serde(default = "yes")]
    pub reports: bool,
    /// Run before each run, and not measured.
    #[serde(default)]
    pub prepare: Vec<String>,
    /// Run after each run, and not measured.
    #[serde(default)]
    pub conclude: Vec<String>,
}

fn yes() -> bool {
    true
}

/// A rule.
#[derive(Clone, Debug, Deserialize)]
pub struct RuleConfig {
    /// Its name.
    pub name: String,
    /// Why it is there, printed when it fails.
    pub why: String,
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
        /// What is compared; `wall_ns` unless told.
        #[serde(default)]
        metric: Metric,
        /// The most that the ratio may be.
        at_most: f64,
        /// With a baseline, the ratio may also be at most that of the baseline times this.
        #[serde(default)]
        ratchet: Option<f64>,
    },
    /// A number that each run reports, or its share of a sum. A time is judged by the interval of its mean.
    Metric {
        /// Of which target, or of which ones: `*` stands for any text. Of all unless told.
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
        /// As for a metric.
        #[serde(default)]
        target: Option<String>,
        /// One sum.
        sum: Sum,
        /// The other.
        equals: Sum,
    },
    /// The effective parallelism of a pass in each run: the time in its lanes over its time.
    Parallelism {
        /// As for a metric.
        #[serde(default)]
        target: Option<String>,
        /// The label of the pass.
        pass: String,
        /// The least that it may be.
        at_least: f64,
    },
    /// How many threads were in a probe at once, in each run.
    Concurrent {
        /// As for a metric.
        #[serde(default)]
        target: Option<String>,
        /// The probe.
        probe: String,
        /// Only of its calls in the batch of this label; `""` are those outside of all batches. Of all of its calls unless told: then one
        /// batch that overlaps hides another that does not.
        #[serde(default)]
        batch: Option<String>,
        /// The least that it may be.
        at_least: u64,
    },
    /// How a target compares with that of a stored baseline.
    Delta {
        /// The target.
        target: String,
        /// What is compared; `wall_ns` unless told.
        #[serde(default)]
        metric: Metric,
        /// The most that it may grow: 0.05 is 5 %.
        at_most: f64,
    },
}

impl Config {
    /// Reads a configuration.
    ///
    /// # Errors
    ///
    /// If it cannot be read, has more than 1 MiB, has an unknown key, or asks for what is impossible.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let bytes = CONFIG.read(path).map_err(|source| ConfigError::Read { path: path.into(), source })?;
        let text = json::text(&bytes).map_err(|wrong| ConfigError::of_bytes(wrong, path))?;
        Config::parse(text, path)
    }

    /// Reads a configuration that is in memory. The path is for messages.
    ///
    /// # Errors
    ///
    /// As [`Config::read`].
    pub fn parse(text: &str, path: &Path) -> Result<Self, ConfigError> {
        let config: Config =
            toml::from_str(text).map_err(|error| ConfigError::of_toml(&error, text, path))?;
        config.check().map_err(|why| ConfigError::of_check(&why, path))?;
        Ok(config)
    }

    fn check(&self) -> Result<(), String> {
        let RunConfig { runs, budget_s, timeout_s, .. } = &self.run;
        if !(1..=10_000).contains(runs) {
            return Err(format!("`runs` is {runs}, expected 1 to 10000"));
        }
        for (name, seconds) in [("budget_s", budget_s.unwrap_or(1.0)), ("timeout_s", *timeout_s)] {
            if !(seconds > 0.0 && seconds <= 1e6) {
                return Err(format!(
                    "`{name}` is {seconds}, expected seconds, more than 0 and up to a million"
                ));
            }
        }
        if let Some(item) = self.run.items.iter().find(|item| !item.is_time()) {
            return Err(format!("`items` has `{item}`, expected times: phases.NAME, passes.LABEL.wall_ns"));
        }
        let mut names = BTreeSet::new();
        for target in &self.targets {
            let is_of_a_name = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
            let TargetConfig { name, command, .. } = target;
            if name.is_empty() || name.starts_with('.') || !name.chars().all(is_of_a_name) {
                return Err(format!(
                    "invalid target name `{}`: expected letters, digits, `-`, `_` and `.`",
                    name.escape_debug()
                ));
            }
            if !names.insert(name.as_str()) {
                return Err(format!("there are two targets `{name}`"));
            }
            if command.is_empty() {
                return Err(format!(
                    "target `{name}` has no command: expected `command = [\"PROGRAM\", ..]`"
                ));
            }
        }
        let mut rules = BTreeSet::new();
        for rule in &self.rules {
            if !rules.insert(&rule.name) {
                return Err(format!("there are two rules `{}`", rule.name));
            }
            rule.check(&names).map_err(|why| format!("rule `{}`: {why}", rule.name))?;
        }
        Ok(())
    }
}

impl RuleConfig {
    /// Whether there are runs of every target that it names.
    pub fn has_runs(&self, results: &Results) -> bool {
        self.targets().into_iter().all(|target| results.of(Some(target)).next().is_some())
    }

    /// Whether it judges runs of this target. One that names no target is about all of them.
    pub fn is_about(&self, target: &str) -> bool {
        let named = self.targets();
        named.is_empty() || named.into_iter().any(|pattern| is_about(pattern, target))
    }

    /// The targets that it names, by name or by a pattern.
    pub fn targets(&self) -> Vec<&str> {
        match &self.asks {
            Asks::Ratio { target, over, .. } => vec![target, over],
            Asks::Delta { target, .. } => vec![target],
            Asks::Metric { target, .. }
            | Asks::Conserve { target, .. }
            | Asks::Parallelism { target, .. }
            | Asks::Concurrent { target, .. } => target.iter().map(String::as_str).collect(),
        }
    }

    fn check(&self, names: &BTreeSet<&str>) -> Result<(), String> {
        for target in self.targets() {
            // A configuration without targets judges the results of whatever made them.
            if !names.is_empty() && !names.iter().any(|name| is_about(target, name)) {
                return Err(unknown("target", target, names.iter().copied()));
            }
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
            Asks::Metric { at_least: None, at_most: None, .. } => {
                return Err("it asks for nothing: give `at_least` or `at_most`".into());
            }
            Asks::Metric { at_least: Some(least), at_most: Some(most), .. } if least > most => {
                return Err(format!("`at_least` {least} is more than `at_most` {most}"));
            }
            Asks::Metric { at_least, at_most, .. } => vec![("at_least", *at_least), ("at_most", *at_most)],
            Asks::Parallelism { at_least, .. } => vec![("at_least", Some(*at_least))],
            Asks::Concurrent { at_least: 0, .. } => return Err("`at_least = 0` asks for nothing".into()),
            Asks::Conserve { sum, equals, .. } if sum == equals => {
                return Err(format!("`{sum}` always equals itself"));
            }
            Asks::Concurrent { .. } | Asks::Conserve { .. } => Vec::new(),
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
