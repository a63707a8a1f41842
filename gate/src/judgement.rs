//! `Judgement`: what a rule comes to.

use crate::config::{Asks, Config, RuleConfig};
use crate::interval::{FEWEST, Interval};
use crate::metric::{Metric, Sum};
use crate::nearest::unknown;
use crate::pattern::is_about;
use crate::results::{Results, Run};
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

/// The exit code of a gate: 0 if all rules hold, 1 if one fails, 3 if one had no data, or not enough.
pub fn exit_code(judgements: &[Judgement]) -> u8 {
    if judgements.iter().any(|judgement| judgement.verdict == Verdict::Fails) {
        1
    } else if judgements.iter().all(|judgement| judgement.verdict == Verdict::Holds) {
        0
    } else {
        3
    }
}

/// Judges results by all rules of a configuration. The baseline is for rules that ask for one.
pub fn judge(config: &Config, results: &Results, baseline: Option<&Results>) -> Vec<Judgement> {
    config
        .rules
        .iter()
        .map(|rule| {
            let (verdict, found) =
                judge_rule(rule, results, baseline).unwrap_or_else(|found| (Verdict::NoData, found));
            let (compared, ratio) = match &rule.asks {
                Asks::Ratio { target, over, metric, at_most, ratchet } => {
                    let targets = [target.as_str(), over];
                    let bound = bound(baseline, targets, metric, *at_most, *ratchet);
                    let ratio = pairs(results, targets, metric).and_then(|logs| Ok((logs, bound?)));
                    let ratio = ratio.ok().and_then(|(logs, at_most)| RatioInterval::of(&logs, at_most));
                    (Some([target.clone(), over.clone()]), ratio)
                }
                _ => (None, None),
            };
            Judgement { rule: rule.name.clone(), why: rule.why.clone(), verdict, found, compared, ratio }
        })
        .collect()
}

impl RatioInterval {
    /// Of the logarithms of pairs.
    fn of(logs: &[f64], at_most: f64) -> Option<Self> {
        let Interval { mean, low, high, .. } = Interval::of(logs)?;
        Some(RatioInterval { mean: mean.exp(), low: low.exp(), high: high.exp(), at_most })
    }
}

type Judged = Result<(Verdict, String), String>;

fn judge_rule(rule: &RuleConfig, results: &Results, baseline: Option<&Results>) -> Judged {
    for target in rule.targets() {
        if results.of(Some(target)).next().is_none() {
            return Err(unknown("run of a target", target, results.targets()));
        }
    }
    match &rule.asks {
        Asks::Ratio { target, over, metric, at_most, ratchet } => {
            ratio(results, baseline, [target, over], metric, *at_most, *ratchet)
        }
        Asks::Metric { target, metric, of, at_least, at_most } => {
            let value = |run: &Run| share(metric, of.as_ref(), run);
            let what = of.as_ref().map_or_else(|| metric.to_string(), |of| format!("({metric}) / ({of})"));
            if metric.is_time() || of.as_ref().is_some_and(Sum::is_time) {
                return time(results, target.as_deref(), [*at_least, *at_most], value, &what);
            }
            each(results, target.as_deref(), |run| {
                let value = value(run)?;
                let is_within =
                    at_least.is_none_or(|least| value >= least) && at_most.is_none_or(|most| value <= most);
                Ok((is_within, format!("{what} is {}", shown(value))))
            })
        }
        Asks::Conserve { target, sum, equals } => each(results, target.as_deref(), |run| {
            let (left, right) = (sum.of(run)?, equals.of(run)?);
            // Whole numbers, which floats hold exactly.
            let agree = (left - right).abs() < 0.5;
            Ok((agree, format!("{sum} is {}, and {equals} is {}", shown(left), shown(right))))
        }),
        Asks::Parallelism { target, pass, at_least } => each(results, target.as_deref(), |run| {
            let field = |field: &str| Metric::Pass(pass.clone(), field.into()).of(run);
            let (busy, wall) = (field("busy_ns")?, field("wall_ns")?);
            if wall == 0.0 {
                return Err(format!("pass `{pass}` took no time"));
            }
            Ok((busy / wall >= *at_least, format!("pass `{pass}` ran {:.2} at once", busy / wall)))
        }),
        Asks::Concurrent { target, probe, batch, at_least } => each(results, target.as_deref(), |run| {
            let (calls, peak) = match batch {
                None => {
                    let field = |field: &str| Metric::Probe(probe.clone(), field.into()).of(run);
                    (field("calls")?, field("max_concurrent")?)
                }
                Some(label) => batch_of(run, probe, label)?,
            };
            let of_batch = batch.as_ref().map_or(String::new(), |label| format!(" in batch `{label}`"));
            if calls == 0.0 {
                return Err(format!("`{probe}` was never called{of_batch}"));
            }
            #[expect(clippy::cast_precision_loss, reason = "there are few threads")]
            let is_reached = peak >= *at_least as f64;
            Ok((is_reached, format!("`{probe}` ran on {} threads at once{of_batch}", shown(peak))))
        }),
        Asks::Delta { target, metric, at_most } => delta(results, baseline, target, metric, *at_most),
    }
}

/// The calls of a probe in the batch of a label, and on how many threads they ran at once. Batches of one label are those of several
/// places: each of them must overlap, so the least of their peaks counts.
fn batch_of(run: &Run, probe: &str, label: &str) -> Result<(f64, f64), String> {
    // It says what is wrong with the name of the probe, also where there are two.
    Metric::Probe(probe.to_owned(), "calls".into()).of(run)?;
    let probes = run.report.iter().flat_map(|report| &report.probes).filter(|known| known.name == probe);
    let batches: Vec<_> = probes.flat_map(|probe| &probe.batches).collect();
    let of_label: Vec<_> = batches.iter().filter(|batch| batch.label == label).collect();
    if of_label.is_empty() {
        return Err(unknown("batch", label, batches.iter().map(|batch| batch.label.as_str())));
    }
    let peaks: Option<Vec<u64>> = of_label.iter().map(|batch| batch.max_concurrent).collect();
    let peaks = peaks.ok_or_else(|| {
        format!("`{probe}` is async, and how many threads ran it is not known: add `polls` to its attribute")
    })?;
    #[expect(clippy::cast_precision_loss, reason = "2^53 calls are a lot")]
    let [calls, peak] =
        [of_label.iter().map(|batch| batch.calls).sum(), peaks.into_iter().min().unwrap_or(0)]
            .map(|number: u64| number as f64);
    Ok((calls, peak))
}

fn share(metric: &Sum, of: Option<&Sum>, run: &Run) -> Result<f64, String> {
    let value = metric.of(run)?;
    let Some(of) = of else { return Ok(value) };
    let whole = of.of(run)?;
    if whole > 0.0 {
        Ok(value / whole)
    } else {
        Err(format!("`{of}` is {}: expected more than 0, to take a share of it", shown(whole)))
    }
}

/// A rule that asks something of each run. One run is enough to judge by.
fn each(
    results: &Results,
    target: Option<&str>,
    judge: impl Fn(&Run) -> Result<(bool, String), String>,
) -> Judged {
    let mut last = None;
    let mut count = 0;
    for run in results.of(target) {
        let (holds, found) =
            judge(run).map_err(|why| format!("{}, round {}: {why}", run.target, run.round))?;
        if !holds {
            return Ok((Verdict::Fails, format!("{}, round {}: {found}", run.target, run.round)));
        }
        (last, count) = (Some(found), count + 1);
    }
    let last = last.ok_or("there is no run")?;
    Ok((Verdict::Holds, if count == 1 { last } else { format!("{last}, and so on in all {count} runs") }))
}

/// A rule about times, of each target by the interval of its mean. The worst of them is what it comes to.
fn time(
    results: &Results,
    target: Option<&str>,
    bounds: [Option<f64>; 2],
    value: impl Fn(&Run) -> Result<f64, String>,
    what: &str,
) -> Judged {
    let mut worst: Option<(Verdict, String)> = None;
    let targets = results.targets();
    for name in targets.into_iter().filter(|name| target.is_none_or(|pattern| is_about(pattern, name))) {
        let values = results
            .runs
            .iter()
            .filter(|run| run.target == name)
            .map(|run| value(run).map_err(|why| format!("{name}, round {}: {why}", run.round)))
            .collect::<Result<Vec<_>, _>>()?;
        let judged = within(&values, bounds, &format!("{name}: {what}"));
        let severity = |verdict| match verdict {
            Verdict::Holds => 0,
            Verdict::CannotTell { .. } => 1,
            Verdict::NoData => 2,
            Verdict::Fails => 3,
        };
        if worst.as_ref().is_none_or(|(verdict, _)| severity(judged.0) > severity(*verdict)) {
            worst = Some(judged);
        }
    }
    worst.ok_or_else(|| "there is no run".into())
}

/// Whether a mean is certainly between two bounds.
fn within(values: &[f64], [at_least, at_most]: [Option<f64>; 2], what: &str) -> (Verdict, String) {
    let Some(interval) = Interval::of(values) else { return too_few(values.len(), "runs") };
    let Interval { mean, low, high, .. } = interval;
    let is_outside = at_least.is_some_and(|least| high < least) || at_most.is_some_and(|most| low > most);
    let unsure = [at_least.filter(|least| low < *least), at_most.filter(|most| high > *most)];
    let more = unsure.into_iter().flatten().map(|bound| interval.more(bound, values.len())).max();
    let verdict = match more {
        _ if is_outside => Verdict::Fails,
        Some(more) => Verdict::CannotTell { more },
        None => Verdict::Holds,
    };
    (verdict, format!("{what} is {} [{}, {}]", shown(mean), shown(low), shown(high)))
}

/// What is said where an interval takes more values than there are.
fn too_few(values: usize, of: &str) -> (Verdict, String) {
    let more = u32::try_from(FEWEST.saturating_sub(values).max(1)).unwrap_or(1);
    (Verdict::CannotTell { more }, format!("there are {values} {of}, and to tell takes {FEWEST}"))
}

/// The logarithms of the ratios of two targets, of the rounds in which both were run.
fn pairs(results: &Results, [target, over]: [&str; 2], metric: &Metric) -> Result<Vec<f64>, String> {
    let mut logs = Vec::new();
    for run in results.of_target(target) {
        let Some(other) = results.of_target(over).find(|other| other.round == run.round) else { continue };
        let value = |run: &Run| match metric.of(run) {
            Ok(value) if value > 0.0 => Ok(value),
            Ok(_) => Err(format!("{}, round {}: `{metric}` is 0", run.target, run.round)),
            Err(why) => Err(format!("{}, round {}: {why}", run.target, run.round)),
        };
        logs.push((value(run)? / value(other)?).ln());
    }
    Ok(logs)
}

/// The most that a ratio may be: with a ratchet also by what it was.
fn bound(
    baseline: Option<&Results>,
    targets: [&str; 2],
    metric: &Metric,
    at_most: f64,
    ratchet: Option<f64>,
) -> Result<f64, String> {
    match (ratchet, baseline) {
        (None, _) => Ok(at_most),
        (Some(_), None) => Err("it asks for a baseline: give one with --baseline".into()),
        (Some(margin), Some(baseline)) => {
            let logs = pairs(baseline, targets, metric).map_err(|why| format!("the baseline: {why}"))?;
            let interval = Interval::of(&logs)
                .ok_or_else(|| format!("the baseline has {} pairs, expected {FEWEST}", logs.len()))?;
            Ok(at_most.min(interval.mean.exp() * margin))
        }
    }
}

fn ratio(
    results: &Results,
    baseline: Option<&Results>,
    targets: [&str; 2],
    metric: &Metric,
    at_most: f64,
    ratchet: Option<f64>,
) -> Judged {
    let [target, over] = targets;
    let logs = pairs(results, targets, metric)?;
    if logs.len() > 1 && logs.iter().all(|log| *log == 0.0) {
        let found =
            format!("every `{metric}` of {target} is that of {over}: one of them is a copy of the other");
        return Ok((Verdict::Fails, found));
    }
    let bound = bound(baseline, targets, metric, at_most, ratchet)?;
    Ok(decide(&logs, Interval::of(&logs), bound, &format!("{target} takes {{}} times as long as {over}")))
}

fn delta(
    results: &Results,
    baseline: Option<&Results>,
    target: &str,
    metric: &Metric,
    at_most: f64,
) -> Judged {
    let baseline = baseline.ok_or("it asks for a baseline: give one with --baseline")?;
    let logs = |results: &Results| -> Result<Vec<f64>, String> {
        let values = results.of_target(target).map(|run| match metric.of(run) {
            Ok(value) if value > 0.0 => Ok(value.ln()),
            Ok(_) => Err(format!("{}, round {}: `{metric}` is 0", run.target, run.round)),
            Err(why) => Err(format!("{}, round {}: {why}", run.target, run.round)),
        });
        values.collect()
    };
    let (now, before) = (logs(results)?, logs(baseline).map_err(|why| format!("the baseline: {why}"))?);
    if before.len() < FEWEST {
        return Err(format!("the baseline has {} runs of {target}, expected {FEWEST}", before.len()));
    }
    let interval = Interval::of_difference(&now, &before);
    Ok(decide(
        &now,
        interval,
        1.0 + at_most,
        &format!("{target} takes {{}} times as long as in the baseline"),
    ))
}

/// Decides on the interval of a ratio, and not on its mean: what is within the noise is neither good nor bad.
fn decide(values: &[f64], interval: Option<Interval>, bound: f64, found: &str) -> (Verdict, String) {
    let Some(interval) = interval else { return too_few(values.len(), "pairs of runs") };
    let [mean, low, high] = [interval.mean, interval.low, interval.high].map(f64::exp);
    let verdict = if high <= bound {
        Verdict::Holds
    } else if low > bound {
        Verdict::Fails
    } else {
        Verdict::CannotTell { more: interval.more(bound.ln(), values.len()) }
    };
    let ratio = format!("{mean:.3} [{low:.3}, {high:.3}]");
    (verdict, format!("{}, at most {bound:.3} is allowed", found.replace("{}", &ratio)))
}

/// Whole numbers without a point.
fn shown(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < 1e15 { format!("{value:.0}") } else { format!("{value:.3}") }
}
