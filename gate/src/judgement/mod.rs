//! `Judgement`: the verdict of one rule, and the reason.

mod facts;
mod found;
mod newness;
mod scaling;
mod share;
mod times;

use crate::config::{Asks, Config, RuleConfig};
use crate::metric::Sum;
use crate::nearest::unknown;
use crate::results::Results;
use crate::statistics::Design;
use found::Found;
use serde::Serialize;
use std::borrow::Cow;
use times::How;

pub use found::{Place, RatioInterval, Verdict};
pub use newness::say_what_is_new;

/// The judgement of one rule.
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
    /// If two commits are compared and the rule fails: its verdict for the base commit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_base: Option<Verdict>,
    /// The two targets that were compared, if two were.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compared: Option<[String; 2]>,
    /// The interval of their ratio, if there were enough pairs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ratio: Option<RatioInterval>,
    /// The places in the source that are wrong, if the report names them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<Place>,
}

/// The exit code of a gate: 0 if all rules hold; 1 if a rule fails; 3 if a rule had no data, or not enough, or if there is no rule; 4 if a run
/// failed, whatever the rules say about the runs before it.
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
///
/// The results must have as many runs as was meant from the beginning. For runs that are made until it is decided there is
/// [`judge_at_look`].
pub fn judge(config: &Config, results: &Results, baseline: Option<&Results>) -> Vec<Judgement> {
    config.rules.iter().map(|rule| judge_rule(rule, results, baseline, Design::Fixed)).collect()
}

/// As [`judge`], for results that are looked at several times, each time with more runs. `look` is the number of this look, from 1;
/// [`Design::runs_of_look`] says how many runs it has. The error rate of all looks together is that of [`judge`].
pub fn judge_at_look(
    config: &Config,
    results: &Results,
    baseline: Option<&Results>,
    look: u32,
) -> Vec<Judgement> {
    config.rules.iter().map(|rule| judge_rule(rule, results, baseline, Design::Look(look))).collect()
}

/// Whether there are runs of every target that a rule names. Without them it has no data.
pub fn has_runs(rule: &RuleConfig, results: &Results) -> bool {
    without_runs(rule, results).is_none()
}

/// The first target that a rule names and that has no run.
fn without_runs<'a>(rule: &'a RuleConfig, results: &Results) -> Option<Cow<'a, str>> {
    rule.targets().into_iter().find(|target| results.of(Some(target)).next().is_none())
}

fn judge_rule(rule: &RuleConfig, results: &Results, baseline: Option<&Results>, design: Design) -> Judgement {
    let missing = without_runs(rule, results);
    let missing = missing.as_deref();
    let scope = rule.scope.as_deref();
    let how = How { scope, statistic: rule.statistic, design };
    let other = baseline.and_then(|baseline| differs(&rule.asks, results, baseline));
    let found = match (&rule.asks, missing) {
        (_, Some(missing)) => Found::nothing(unknown("run of a target", missing, results.targets())),
        _ if other.is_some() => Found::nothing(other.unwrap_or_default()),
        (Asks::Metric { target, metric, of, at_least, at_most }, None)
            if metric.is_time() || of.as_ref().is_some_and(Sum::is_time) =>
        {
            let share = times::Share { metric, of: of.as_ref() };
            times::metric(results, target.as_deref(), share, how, [*at_least, *at_most])
        }
        (Asks::Ratio { target, over, metric, at_most, ratchet }, None) => {
            let compared = times::Compared { targets: [target, over], metric, how };
            times::ratio(results, baseline, compared, *at_most, *ratchet)
        }
        (Asks::Delta { target, metric, at_most }, None) => {
            times::delta(results, baseline, target, metric, how, *at_most)
        }
        (Asks::Scaling { target, parameter, from, to, metric, at_least }, None) => {
            scaling::scaling(results, [target, parameter], [from, to], metric, how, *at_least)
        }
        (asks, None) => facts::judge(asks, scope, results),
    };
    let Found { verdict, says, mut compared, ratio, places } = found;
    if let (Asks::Ratio { target, over, .. }, None) = (&rule.asks, &compared) {
        compared = Some([target.clone(), over.clone()]);
    }
    Judgement {
        rule: rule.name.clone(),
        why: rule.why.clone(),
        verdict,
        found: says,
        in_base: None,
        compared,
        ratio,
        places,
    }
}

/// Why a rule cannot compare results with a baseline, if it cannot. Results that do not say how they were made, as hyperfine's, are always
/// compared.
fn differs(asks: &Asks, results: &Results, baseline: &Results) -> Option<String> {
    let (now, then) = (results.made.as_ref()?, baseline.made.as_ref()?);
    let why = match asks {
        Asks::Delta { target, .. } => then.differs_for_comparison(now, target),
        Asks::Ratio { target, over, ratchet: Some(_), .. } => {
            [target, over].into_iter().find_map(|target| then.differs_in_definition(now, target))
        }
        _ => None,
    }?;
    Some(format!("the baseline: {why}; measure a new baseline with this configuration"))
}
