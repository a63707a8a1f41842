//! Which rounds of results are judged: all at once, or those up to the last look.

use super::baseline::of_side;
use super::until_decided::look_of;
use concurrency_probe_gate::{
    Config, Design, Judgement, Results, Side, judge, judge_at_look, say_what_is_new,
};
use std::borrow::Cow;

/// The results to judge, and how often they were looked at.
pub(super) struct Judged<'a> {
    pub(super) results: Cow<'a, Results>,
    pub(super) design: Design,
}

impl<'a> Judged<'a> {
    /// As they were made.
    pub(super) fn of(results: &'a Results) -> Self {
        if !results.made.as_ref().is_some_and(|made| made.until_decided) {
            return Judged { results: Cow::Borrowed(results), design: Design::Fixed };
        }
        // A budget may end it between two looks. What was made after the last look is not looked at.
        let rounds = results.runs.iter().map(|run| run.round).max().unwrap_or(0);
        let look = look_of(rounds);
        let results = results.up_to_round(Design::runs_of_look(look).min(rounds));
        Judged { results: Cow::Owned(results), design: Design::Look(look) }
    }

    /// By all rules.
    pub(super) fn judge(&self, config: &Config, baseline: Option<&Results>) -> Vec<Judgement> {
        match self.design {
            Design::Fixed => judge(config, &self.results, baseline),
            Design::Look(look) => judge_at_look(config, &self.results, baseline, look),
        }
    }

    /// By all rules about the head of two commits, and of what fails there, whether it fails in the base as well. `plain` is the configuration before
    /// it was made one of two commits.
    pub(super) fn judge_sides(
        &self,
        config: &Config,
        plain: &Config,
        baseline: Option<&Results>,
    ) -> Vec<Judgement> {
        let of = |side| baseline.map(|baseline| of_side(baseline.clone(), plain, side));
        let mut judgements = self.judge(config, of(Side::Head).as_ref());
        say_what_is_new(&mut judgements, plain, &self.results, of(Side::Base).as_ref(), self.design);
        judgements
    }
}
