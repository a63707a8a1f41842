//! Whether what fails in the head commit is new: the same rule is judged of the base commit.

use super::found::Verdict;
use super::{Judgement, judge_rule};
use crate::config::{Config, Side};
use crate::results::Results;
use crate::statistics::Design;

/// Adds to every judgement that fails whether the rule fails in the base commit as well. `config` is the configuration before
/// [`Config::of_commits`]. It does not have the rules that compare the two commits, so nothing is added to those.
pub fn say_what_is_new(
    judgements: &mut [Judgement],
    config: &Config,
    results: &Results,
    baseline: Option<&Results>,
    design: Design,
) {
    for judgement in judgements.iter_mut().filter(|judgement| judgement.verdict == Verdict::Fails) {
        let Some(rule) = config.rules.iter().find(|rule| rule.name == judgement.rule) else { continue };
        let verdict = judge_rule(&rule.of_side(Side::Base), results, baseline, design).verdict;
        judgement.found += match verdict {
            Verdict::Fails => "; not new: it fails in the base commit as well",
            Verdict::Holds => "; new: it holds in the base commit",
            Verdict::CannotTell { .. } => {
                "; it is not known whether this is new: the runs of the base commit vary too much"
            }
            Verdict::NoData => "; it is not known whether this is new: there is no data of the base commit",
        };
        judgement.in_base = Some(verdict);
    }
}
