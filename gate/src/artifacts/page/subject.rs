//! `Subject`: what the page says of a target, and by which of its runs.

use crate::judgement::{Judgement, Verdict};
use crate::results::{Results, Run};
use concurrency_probe::{Report, Timeline};

/// A target, and the run of it that stands for the others.
#[derive(Clone, Copy, Debug)]
pub(super) struct Subject<'a> {
    /// The target's name.
    pub target: &'a str,
    /// The report of its run with the median time; if that has no timeline, of the last run that has one.
    pub report: Option<&'a Report>,
}

impl<'a> Subject<'a> {
    /// Of each target. What a rule compares stands side by side, what fails first.
    pub(super) fn all(results: &'a Results, judgements: &'a [Judgement]) -> Vec<Self> {
        let known = results.targets();
        let mut targets: Vec<&str> = Vec::new();
        let compared = judgements.iter().filter(|judgement| judgement.verdict == Verdict::Fails);
        let compared = compared.filter_map(|judgement| judgement.compared.as_ref()).flatten();
        let compared = compared.map(String::as_str).filter(|target| known.contains(target));
        for target in compared.chain(known.iter().copied()) {
            if !targets.contains(&target) {
                targets.push(target);
            }
        }
        targets.into_iter().map(|target| Subject { target, report: report(results, target) }).collect()
    }

    /// When things ran, if anything is known of it.
    pub(super) fn timeline(self) -> Option<&'a Timeline> {
        timeline(self.report?)
    }

    /// The threads of its largest pool.
    pub(super) fn pool(self) -> Option<u64> {
        self.report?.passes.iter().map(|pass| pass.threads).max().filter(|threads| *threads > 0)
    }
}

fn timeline(report: &Report) -> Option<&Timeline> {
    report.timeline.as_ref().filter(|timeline| !timeline.spans.is_empty())
}

fn report<'a>(results: &'a Results, target: &str) -> Option<&'a Report> {
    let mut runs: Vec<&Run> =
        results.runs.iter().filter(|run| run.target == target && run.report.is_some()).collect();
    let last =
        runs.iter().rev().filter_map(|run| run.report.as_ref()).find(|report| timeline(report).is_some());
    runs.sort_by_key(|run| run.wall_ns);
    let median = runs.get(runs.len().saturating_sub(1) / 2)?.report.as_ref();
    median.filter(|report| timeline(report).is_some()).or(last).or(median)
}
