//! `Judgement`: what a rule comes to.

mod facts;
mod scaling;
mod times;

use crate::config::{Asks, Config, RuleConfig};
use crate::nearest::unknown;
use crate::results::Results;
use serde::Serialize;
use std::fmt;

/// What a rule comes to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Judgement {
    /// The rule.
    pub rule: String,
    /// Why it is there.
    pub why: String,
    /// Whether it holds.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// What was found.
    pub found: String,
    /// The target that was compared with another one, and that one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compared: Option<[String; 2]>,
    /// Where their ratio lies, if there were enough pairs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ratio: Option<RatioInterval>,
    /// Where in the source it is wrong, if the report says so.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<Place>,
}

/// A place in the source of what was run, and what is wrong there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The file, as the compiler named it.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// What is wrong there.
    pub says: String,
}

/// Where the ratio of two targets lies, and what is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct RatioInterval {
    /// The geometric mean of the pairs.
    pub mean: f64,
    /// The low end of the 95 % interval.
    pub low: f64,
    /// The high end of the 95 % interval.
    pub high: f64,
    /// The most that is allowed.
    pub at_most: f64,
}

/// Whether a rule holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// It does.
    Holds,
    /// It does not.
    Fails,
    /// The times vary too much to say.
    CannotTell {
        /// So many runs more would tell.
        more: u32,
    },
    /// There is nothing to judge by. That is never a pass.
    NoData,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Verdict::Holds => f.write_str("holds"),
            Verdict::Fails => f.write_str("fails"),
            Verdict::CannotTell { more } => write!(f, "cannot tell yet: run {more} more"),
            Verdict::NoData => f.write_str("no data"),
        }
    }
}

/// The exit code of a gate: 0 if all rules hold, 1 if one fails, 3 if one had no data, or not enough, or there is no rule; 4 if
/// the runs were ended by one that failed, whatever the rules say of those before it.
pub fn exit_code(results: &Results, judgements: &[Judgement]) -> u8 {
    if results.failure.is_some() {
        4
    } else if judgements.iter().any(|judgement| judgement.verdict == Verdict::Fails) {
        1
    } else if !judgements.is_empty() && judgements.iter().all(|judgement| judgement.verdict == Verdict::Holds)
    {
        0
    } else {
        3
    }
}

/// Judges results by all rules of a configuration. The baseline is for rules that ask for one.
pub fn judge(config: &Config, results: &Results, baseline: Option<&Results>) -> Vec<Judgement> {
    config.rules.iter().map(|rule| judge_rule(rule, results, baseline)).collect()
}

/// What was found, before it is a judgement.
#[derive(Debug, Default)]
struct Found {
    verdict: Option<Verdict>,
    says: String,
    compared: Option<[String; 2]>,
    ratio: Option<RatioInterval>,
    places: Vec<Place>,
}

impl Found {
    fn of(verdict: Verdict, says: impl Into<String>) -> Self {
        Found { verdict: Some(verdict), says: says.into(), ..Found::default() }
    }

    /// There is nothing to judge by, and why.
    fn nothing(says: impl Into<String>) -> Self {
        Found::of(Verdict::NoData, says)
    }
}

/// Which of several verdicts is the one to say.
fn severity(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Holds => 0,
        Verdict::CannotTell { .. } => 1,
        Verdict::NoData => 2,
        Verdict::Fails => 3,
    }
}

fn judge_rule(rule: &RuleConfig, results: &Results, baseline: Option<&Results>) -> Judgement {
    let missing = rule.targets().into_iter().find(|target| results.of(Some(target)).next().is_none());
    let missing = missing.as_deref();
    let scope = rule.scope.as_deref();
    let other = baseline.and_then(|baseline| differs(&rule.asks, results, baseline));
    let found = match (&rule.asks, missing) {
        (_, Some(missing)) => Found::nothing(unknown("run of a target", missing, results.targets())),
        _ if other.is_some() => Found::nothing(other.unwrap_or_default()),
        (Asks::Metric { target, metric, of, at_least, at_most }, None)
            if metric.is_time() || of.as_ref().is_some_and(crate::metric::Sum::is_time) =>
        {
            let share = times::Share { metric, of: of.as_ref(), scope };
            times::metric(results, target.as_deref(), share, [*at_least, *at_most])
        }
        (Asks::Ratio { target, over, metric, at_most, ratchet }, None) => {
            let compared = times::Compared { targets: [target, over], metric, scope };
            times::ratio(results, baseline, compared, *at_most, *ratchet)
        }
        (Asks::Delta { target, metric, at_most }, None) => {
            times::delta(results, baseline, target, metric, scope, *at_most)
        }
        (Asks::Scaling { target, parameter, from, to, metric, at_least }, None) => {
            scaling::scaling(results, [target, parameter], [from, to], metric, scope, *at_least)
        }
        (asks, None) => facts::judge(asks, scope, results),
    };
    let Found { verdict, says, mut compared, ratio, places } = found;
    if let (Asks::Ratio { target, over, .. }, None) = (&rule.asks, &compared) {
        compared = Some([target.clone(), over.clone()]);
    }
    let verdict = verdict.unwrap_or(Verdict::NoData);
    Judgement {
        rule: rule.name.clone(),
        why: rule.why.clone(),
        verdict,
        found: says,
        compared,
        ratio,
        places,
    }
}

/// Why a rule cannot compare results with a baseline, if it would and cannot. Of results that do not say what they were made of, as
/// hyperfine's, nobody knows.
fn differs(asks: &Asks, results: &Results, baseline: &Results) -> Option<String> {
    let (now, then) = (results.made.as_ref()?, baseline.made.as_ref()?);
    let why = match asks {
        Asks::Delta { target, .. } => then.differs_for_comparison(now, target),
        Asks::Ratio { target, over, ratchet: Some(_), .. } => {
            [target, over].into_iter().find_map(|target| then.differs_in_definition(now, target))
        }
        _ => None,
    }?;
    Some(format!("the baseline: {why}; measure one that is like this, with the same configuration"))
}

/// Whole numbers without a point.
fn shown(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < 1e15 { format!("{value:.0}") } else { format!("{value:.3}") }
}
