//! `Subject`: a target on the page, and the run that represents it.

use crate::judgement::{Judgement, Verdict};
use crate::results::{Results, Run};
use concurrency_probe::{Report, Timeline};

/// The name of a target. If its runs leave reports of several scopes, there is one for each scope.
#[derive(Clone, Debug)]
pub(super) struct Named<'a> {
    name: String,
    target: &'a str,
    /// `None` if its reports are of one scope, or there is no report.
    scope: Option<&'a str>,
}

impl<'a> Named<'a> {
    /// The names of all targets.
    pub(super) fn all(results: &'a Results) -> Vec<Self> {
        let mut all = Vec::new();
        for target in results.targets() {
            let mut scopes: Vec<&str> = Vec::new();
            for report in results.of_target(target).flat_map(Run::reports) {
                if !scopes.contains(&report.scope.as_str()) {
                    scopes.push(&report.scope);
                }
            }
            match &scopes[..] {
                [] | [_] => all.push(Named { name: target.to_owned(), target, scope: None }),
                scopes => all.extend(scopes.iter().map(|scope| Named {
                    name: format!("{target}, {scope}"),
                    target,
                    scope: Some(*scope),
                })),
            }
        }
        all
    }
}

/// A target, or one of its scopes, and the run that represents it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Subject<'a> {
    /// The target's name, with that of the scope where there are several.
    pub target: &'a str,
    /// The report of its run with the median time; if that has no timeline, of the last run that has one.
    pub report: Option<&'a Report>,
}

impl<'a> Subject<'a> {
    /// One for each target. Targets that a failing rule compares come first, side by side.
    pub(super) fn all(
        named: &'a [Named<'a>],
        results: &'a Results,
        judgements: &'a [Judgement],
    ) -> Vec<Self> {
        let compared = judgements.iter().filter(|judgement| judgement.verdict == Verdict::Fails);
        let compared = compared.filter_map(|judgement| judgement.compared.as_ref()).flatten();
        let mut order: Vec<&str> = Vec::new();
        for target in compared.map(String::as_str).chain(named.iter().map(|named| named.target)) {
            if !order.contains(&target) {
                order.push(target);
            }
        }
        let of =
            |target: &&str| named.iter().filter(move |named| named.target == *target).collect::<Vec<_>>();
        let subject = |named: &'a Named<'a>| Subject { target: &named.name, report: report(results, named) };
        order.iter().flat_map(of).map(subject).collect()
    }

    /// Its timeline, if it has one with a span.
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

fn report<'a>(results: &'a Results, named: &'a Named<'a>) -> Option<&'a Report> {
    // If a run left several reports of a scope, the longest one represents it.
    let of_run = |run: &'a Run| {
        let reports = run.reports().filter(|report| named.scope.is_none_or(|scope| report.scope == scope));
        reports.max_by_key(|report| report.wall_ns)
    };
    let mut runs: Vec<(u64, &Report)> =
        results.of_target(named.target).filter_map(|run| Some((run.wall_ns, of_run(run)?))).collect();
    let last = runs.iter().rev().map(|(_, report)| *report).find(|report| timeline(report).is_some());
    runs.sort_by_key(|(wall, _)| *wall);
    let (_, median) = *runs.get(runs.len().saturating_sub(1) / 2)?;
    Some(median).filter(|report| timeline(report).is_some()).or(last).or(Some(median))
}
