//! `Config`: what `gates.toml` says.

mod compare;
mod error;
mod matrix;
mod rule;
mod seconds;
mod side;
mod target;
mod value;

use crate::bounded::CONFIG;
use crate::json;
use crate::metric::Metric;
use crate::nearest::unknown;
use crate::pattern::is_about;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

pub use compare::CompareConfig;
pub use error::ConfigError;

pub use rule::{Asks, By, RuleConfig};
use seconds::check_seconds;
pub(crate) use side::without_side;
pub use side::{CheckoutDirs, Side};
pub use target::TargetConfig;
pub use value::Value;
pub(crate) use value::expanded_name;

/// What `gates.toml` says: which targets are run, and which rules must hold.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// How the targets are run.
    #[serde(default)]
    pub run: RunConfig,
    /// How two commits are compared.
    #[serde(default)]
    pub compare: Option<CompareConfig>,
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
    /// How many warm-up runs each target gets first, which are not measured, 0 to 10,000.
    pub warmups: u32,
    /// No new round starts after this many seconds, warm-ups included, even if runs are left.
    pub budget_s: Option<f64>,
    /// A run that takes longer than this many seconds is ended, and has failed.
    pub timeout_s: f64,
    /// Run once, before the first of all runs, where the configuration is.
    pub setup: Vec<String>,
    /// Run once, after the last of all runs, also after a failure.
    pub cleanup: Vec<String>,
    /// Where results and artifacts are written, relative to the configuration.
    pub out: PathBuf,
    /// Times that have their own entry in every artifact, beside `wall_ns`: `phases.link`.
    pub items: Vec<Metric>,
    /// Numbers that a history keeps, beside `wall_ns` and `items`: `counts.cold`.
    pub history: Vec<Metric>,
}

impl Default for RunConfig {
    fn default() -> Self {
        RunConfig {
            runs: 10,
            warmups: 1,
            budget_s: None,
            timeout_s: 600.0,
            setup: Vec::new(),
            cleanup: Vec::new(),
            out: "target/probe-gate".into(),
            items: Vec::new(),
            history: Vec::new(),
        }
    }
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
        let mut config: Config =
            toml::from_str(text).map_err(|error| ConfigError::of_toml(&error, text, path))?;
        config.check_targets().map_err(|why| ConfigError::of_check(&why, path))?;
        config.targets = matrix::expand(config.targets).map_err(|why| ConfigError::of_check(&why, path))?;
        config.check().map_err(|why| ConfigError::of_check(&why, path))?;
        Ok(config)
    }

    /// Leaves out every target that is not of one of these patterns, and every rule that is about a target that is left out. No pattern
    /// stands for all. Returns how many rules are left out.
    ///
    /// # Errors
    ///
    /// If a pattern is of no target, as a sentence.
    pub fn only_targets(&mut self, patterns: &[String]) -> Result<usize, String> {
        if patterns.is_empty() {
            return Ok(0);
        }
        let all: Vec<&str> = self.targets.iter().map(|target| target.name.as_str()).collect();
        known("target", patterns, &all)?;
        self.targets.retain(|target| is_of(patterns, &target.name));
        let names: Vec<&str> = self.targets.iter().map(|target| target.name.as_str()).collect();
        let before = self.rules.len();
        let is_there = |pattern: &str| names.iter().any(|name| is_about(pattern, name));
        self.rules.retain(|rule| rule.targets().iter().all(|pattern| is_there(pattern)));
        Ok(before - self.rules.len())
    }

    /// Leaves out every rule that is not of one of the first patterns, and every one that is of one of the second. No pattern of the first
    /// stands for all.
    ///
    /// # Errors
    ///
    /// If a pattern is of no rule, as a sentence.
    pub fn only_rules(&mut self, patterns: &[String], skipped: &[String]) -> Result<(), String> {
        let all: Vec<&str> = self.rules.iter().map(|rule| rule.name.as_str()).collect();
        known("rule", patterns, &all)?;
        known("rule", skipped, &all)?;
        self.rules.retain(|rule| {
            (patterns.is_empty() || is_of(patterns, &rule.name)) && !is_of(skipped, &rule.name)
        });
        Ok(())
    }

    fn check_targets(&self) -> Result<(), String> {
        let mut names = BTreeSet::new();
        for target in &self.targets {
            target.check()?;
            if !names.insert(target.name.as_str()) {
                return Err(format!("there are two targets `{}`", target.name));
            }
        }
        Ok(())
    }

    /// Checks a configuration that was changed after it was read.
    ///
    /// # Errors
    ///
    /// If a number is out of its range, or a rule asks for what is impossible, as a sentence.
    pub fn check(&self) -> Result<(), String> {
        let RunConfig { runs, warmups, budget_s, timeout_s, .. } = &self.run;
        if !(1..=10_000).contains(runs) {
            return Err(format!("`runs` is {runs}, expected 1 to 10000"));
        }
        if *warmups > 10_000 {
            return Err(format!("`warmups` is {warmups}, expected 0 to 10000"));
        }
        for (name, seconds) in [("budget_s", budget_s.unwrap_or(1.0)), ("timeout_s", *timeout_s)] {
            check_seconds(name, seconds)?;
        }
        if let Some(item) = self.run.items.iter().find(|item| !item.is_time()) {
            return Err(format!("`items` has `{item}`, expected times: phases.NAME, passes.LABEL.wall_ns"));
        }
        self.compare.iter().try_for_each(CompareConfig::check)?;
        let names = self.targets.iter().map(|target| target.name.as_str()).collect();
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

/// Whether a name is of one of these patterns.
fn is_of(patterns: &[String], name: &str) -> bool {
    patterns.iter().any(|pattern| is_about(pattern, name))
}

/// That each pattern is of one of these names.
fn known(what: &str, patterns: &[String], names: &[&str]) -> Result<(), String> {
    match patterns.iter().find(|pattern| !names.iter().any(|name| is_about(pattern, name))) {
        Some(pattern) => Err(unknown(what, pattern, names.iter().copied())),
        None => Ok(()),
    }
}
