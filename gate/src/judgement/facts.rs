//! Rules that ask something of every line of every run: counts, sums, peaks, findings. One line is enough to judge by.

use super::found::{Found, Place, Verdict};
use super::share::share;
use crate::config::{Asks, By};
use crate::metric::{Metric, Sum};
use crate::nearest::unknown;
use crate::results::{Results, Run};
use crate::sample::Sample;
use crate::sentence::{counted, number};
use concurrency_probe::{BatchReport, FindingKind, ProbeReport};

/// What a line comes to: whether the rule holds, and a sentence.
type Line = Result<(bool, String), String>;

/// Judges a rule that asks for a fact.
pub(super) fn judge(asks: &Asks, scope: Option<&str>, results: &Results) -> Found {
    match asks {
        Asks::Metric { target, metric, of, at_least, at_most } => {
            let is_of_process = metric.is_of_process() && of.as_ref().is_none_or(Sum::is_of_process);
            let what = of.as_ref().map_or_else(|| metric.to_string(), |of| format!("({metric}) / ({of})"));
            each(results, target.as_deref(), scope, is_of_process, |line| {
                let value = share(metric, of.as_ref(), |sum| sum.of(line))?;
                let is_within =
                    at_least.is_none_or(|least| value >= least) && at_most.is_none_or(|most| value <= most);
                Ok((is_within, format!("{what} is {}", number(value))))
            })
        }
        Asks::Conserve { target, sum, equals } => {
            let is_of_process = sum.is_of_process() && equals.is_of_process();
            each(results, target.as_deref(), scope, is_of_process, |line| {
                let (left, right) = (sum.whole(line)?, equals.whole(line)?);
                Ok((left == right, format!("{sum} is {left}, and {equals} is {right}")))
            })
        }
        Asks::Parallelism { target, pass, by, at_least } => {
            each(results, target.as_deref(), scope, false, |line| parallelism(line, pass, *by, *at_least))
        }
        Asks::Concurrent { target, probe, batch, at_least, at_most } => {
            each(results, target.as_deref(), scope, false, |line| {
                concurrent(line, probe, batch.as_deref(), [*at_least, *at_most])
            })
        }
        Asks::Findings { target, of } => findings(results, target.as_deref(), scope, of),
        // Those are about times, and are judged there.
        Asks::Ratio { .. } | Asks::Delta { .. } | Asks::Scaling { .. } => Found::nothing("it is about times"),
    }
}

/// Which line it is, for a sentence: its number where a run left several.
fn name(run: &Run, at: usize, lines: usize) -> String {
    let line = if lines > 1 { format!(", report {}", at + 1) } else { String::new() };
    format!("{}, round {}{line}", run.target, run.round)
}

/// Judges each line. A line that fails comes before a line without data, so that missing data does not hide a failure.
fn each(
    results: &Results,
    target: Option<&str>,
    scope: Option<&str>,
    is_of_process: bool,
    judge: impl Fn(&Sample<'_>) -> Line,
) -> Found {
    let (mut missing, mut last, mut count) = (None, None, 0);
    for run in results.of(target) {
        let lines =
            if is_of_process { Ok(vec![Sample::of_process(run)]) } else { Sample::of_scope(run, scope) };
        let lines = match lines {
            Ok(lines) => lines,
            Err(why) => {
                missing.get_or_insert(format!("{}: {why}", name(run, 0, 1)));
                continue;
            }
        };
        for (at, line) in lines.iter().enumerate() {
            let name = || name(run, at, lines.len());
            match judge(line) {
                Ok((false, found)) => return Found::of(Verdict::Fails, format!("{}: {found}", name())),
                Ok((true, found)) => (last, count) = (Some(found), count + 1),
                Err(why) => drop(missing.get_or_insert_with(|| format!("{}: {why}", name()))),
            }
        }
    }
    match (missing, last) {
        (Some(missing), _) => Found::nothing(missing),
        (None, None) => Found::nothing("there is no run"),
        (None, Some(last)) if count == 1 => Found::of(Verdict::Holds, last),
        (None, Some(last)) => Found::of(Verdict::Holds, format!("{last}; it holds in all {count} reports")),
    }
}

fn parallelism(line: &Sample<'_>, pass: &str, by: By, at_least: f64) -> Line {
    let field = |field: &str| Metric::Pass(pass.to_owned(), field.into()).of(line);
    let (time, says) = match by {
        By::Busy => ("busy_ns", "ran"),
        By::Cpu => ("cpu_ns", "kept processors busy:"),
    };
    let (time, wall) = (field(time)?, field("wall_ns")?);
    if wall == 0.0 {
        return Err(format!("pass `{pass}` took no time"));
    }
    let ratio = time / wall;
    Ok((ratio >= at_least, format!("pass `{pass}` {says} {ratio:.2} at once")))
}

/// Judges one batch, or each batch of a probe: a batch that overlaps must not hide one that does not.
fn concurrent(
    line: &Sample<'_>,
    probe: &str,
    label: Option<&str>,
    [at_least, at_most]: [Option<u64>; 2],
) -> Line {
    // This reports an unknown probe, and a name that two probes have.
    let calls = Metric::Probe(probe.to_owned(), "calls".into()).of(line)?;
    if calls == 0.0 {
        return Err(format!("`{probe}` was never called"));
    }
    let reports = line.report.iter().flat_map(|report| &report.probes);
    let Some(known) = reports.into_iter().find(|known| known.name == probe) else {
        return Err(format!("there is no probe `{probe}`"));
    };
    let batches = batches(known, label)?;
    let mut least: Option<(u64, &str)> = None;
    let mut most: Option<(u64, &str)> = None;
    for (label, calls, peak) in batches {
        let peak = peak.ok_or_else(|| {
            format!(
                "`{probe}` is async, and how many threads ran it is not known: add `polls` to its attribute"
            )
        })?;
        // A batch with fewer calls than `at_least` cannot reach it.
        let can_reach = at_least.is_none_or(|at_least| calls >= at_least);
        if can_reach && least.is_none_or(|(least, _)| peak < least) {
            least = Some((peak, label));
        }
        if most.is_none_or(|(most, _)| peak > most) {
            most = Some((peak, label));
        }
    }
    let of = |label: &str| if label.is_empty() { String::new() } else { format!(" in batch `{label}`") };
    let ran = |(peak, label): (u64, &str)| {
        format!("`{probe}` ran on {peak} thread{} at once{}", if peak == 1 { "" } else { "s" }, of(label))
    };
    match (at_least, at_most, least, most) {
        (_, Some(at_most), _, Some(most)) if most.0 > at_most => Ok((false, ran(most))),
        (Some(at_least), _, Some(least), _) => Ok((least.0 >= at_least, ran(least))),
        (Some(at_least), ..) => Err(format!(
            "no batch of `{probe}` has {at_least} calls or more, so none can run on so many threads at once"
        )),
        (None, _, _, Some(most)) => Ok((true, ran(most))),
        (None, _, _, None) => Err(format!("`{probe}` was never called")),
    }
}

/// The label of a batch, its calls, and on how many threads they ran at once.
type Batch<'a> = (&'a str, u64, Option<u64>);

/// The batches to judge, with their calls and peaks: those of a label, or all. A report without batches counts as one batch.
fn batches<'a>(probe: &'a ProbeReport, label: Option<&str>) -> Result<Vec<Batch<'a>>, String> {
    let row = |batch: &'a BatchReport| (batch.label.as_str(), batch.calls, batch.max_concurrent);
    let Some(label) = label else {
        return Ok(if probe.batches.is_empty() {
            vec![("", probe.calls, probe.max_concurrent)]
        } else {
            probe.batches.iter().map(row).collect()
        });
    };
    let of_label: Vec<_> = probe.batches.iter().filter(|batch| batch.label == label).map(row).collect();
    if of_label.is_empty() {
        return Err(unknown("batch", label, probe.batches.iter().map(|batch| batch.label.as_str())));
    }
    if of_label.iter().all(|(_, calls, _)| *calls == 0) {
        return Err(format!("`{}` was never called in batch `{label}`", probe.name));
    }
    Ok(of_label)
}

/// No finding of a kind, or of any.
fn findings(results: &Results, target: Option<&str>, scope: Option<&str>, of: &[FindingKind]) -> Found {
    let (mut places, mut missing, mut reports, mut first) = (Vec::new(), None, 0, None);
    for run in results.of(target) {
        let lines: Vec<_> =
            run.reports().filter(|line| scope.is_none_or(|scope| line.scope == scope)).collect();
        if lines.is_empty() {
            let scope =
                scope.map_or_else(String::new, |scope| format!(" of scope `{}`", scope.escape_debug()));
            missing.get_or_insert(format!("{}: it left no report{scope}", name(run, 0, 1)));
        }
        for (at, report) in lines.iter().enumerate() {
            reports += 1;
            let was_called = report.probes.iter().any(|probe| probe.calls > 0);
            if !was_called && report.passes.iter().all(|pass| pass.items == 0) {
                let line = name(run, at, lines.len());
                missing.get_or_insert(format!(
                    "{line}: it has no call of a probe and no item of a pass, so there was nothing to find"
                ));
            }
            for finding in report.findings.iter().filter(|found| of.is_empty() || of.contains(&found.kind)) {
                let says = format!("{}: {}", finding.kind, finding.message);
                first.get_or_insert(format!("{}: {says}", name(run, at, lines.len())));
                let place = Place { file: finding.file.clone(), line: finding.line, says };
                // Each round finds the same again.
                if !places.contains(&place) {
                    places.push(place);
                }
            }
        }
    }
    let more = places.len().saturating_sub(1);
    match (first, missing) {
        (Some(first), _) => {
            let more = if more > 0 { format!(", and {more} more") } else { String::new() };
            Found { places, ..Found::of(Verdict::Fails, format!("{first}{more}")) }
        }
        (None, Some(missing)) => Found::nothing(missing),
        (None, None) if reports == 0 => Found::nothing("there is no run"),
        (None, None) => {
            Found::of(Verdict::Holds, format!("there is no finding in {}", counted(reports, "report")))
        }
    }
}
