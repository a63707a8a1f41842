//! Rules about times: they are decided on intervals, and never on one run.

use super::{Found, RatioInterval, Verdict, facts, severity, shown};
use crate::interval::{FEWEST, Interval};
use crate::metric::{Metric, Sum};
use crate::pattern::is_about;
use crate::results::{Results, Run};
use crate::sample::Sample;

/// A number of each run, or its share of a sum.
#[derive(Clone, Copy)]
pub(super) struct Share<'a> {
    pub(super) metric: &'a Sum,
    pub(super) of: Option<&'a Sum>,
    pub(super) scope: Option<&'a str>,
}

/// Two targets, and what is compared.
#[derive(Clone, Copy)]
pub(super) struct Compared<'a> {
    pub(super) targets: [&'a str; 2],
    pub(super) metric: &'a Metric,
    pub(super) scope: Option<&'a str>,
}

impl Share<'_> {
    /// What a run has: with several lines of the scope, the mean of them.
    fn of(self, run: &Run) -> Result<f64, String> {
        let Share { metric, of, scope } = self;
        let is_of_process = metric.is_of_process() && of.is_none_or(Sum::is_of_process);
        let lines = if is_of_process { vec![Sample::of_process(run)] } else { Sample::of_scope(run, scope)? };
        let values =
            lines.iter().map(|line| facts::share(metric, of, line)).collect::<Result<Vec<_>, _>>()?;
        #[expect(clippy::cast_precision_loss, reason = "there are few lines")]
        let count = values.len() as f64;
        Ok(values.iter().sum::<f64>() / count)
    }
}

/// With the run that it is of.
fn named(run: &Run, value: Result<f64, String>) -> Result<f64, String> {
    value.map_err(|why| format!("{}, round {}: {why}", run.target, run.round))
}

/// A rule about a time of each target, by the interval of its mean. The worst of them is what it comes to.
pub(super) fn metric(
    results: &Results,
    target: Option<&str>,
    share: Share<'_>,
    bounds: [Option<f64>; 2],
) -> Found {
    let Share { metric, of, .. } = share;
    let what = of.map_or_else(|| metric.to_string(), |of| format!("({metric}) / ({of})"));
    let mut worst: Option<(Verdict, String)> = None;
    let targets = results.targets();
    for name in targets.into_iter().filter(|name| target.is_none_or(|pattern| is_about(pattern, name))) {
        let values: Result<Vec<f64>, String> =
            results.of_target(name).map(|run| named(run, share.of(run))).collect();
        let judged = match values {
            Ok(values) => within(&values, bounds, &format!("{name}: {what}")),
            Err(why) => (Verdict::NoData, why),
        };
        if worst.as_ref().is_none_or(|(verdict, _)| severity(judged.0) > severity(*verdict)) {
            worst = Some(judged);
        }
    }
    worst.map_or_else(|| Found::nothing("there is no run"), |(verdict, says)| Found::of(verdict, says))
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
pub(super) fn too_few(values: usize, of: &str) -> (Verdict, String) {
    let more = u32::try_from(FEWEST.saturating_sub(values).max(1)).unwrap_or(1);
    (Verdict::CannotTell { more }, format!("there are {values} {of}, and to tell takes {FEWEST}"))
}

/// The logarithms of the ratios of two targets, of the rounds in which both were run.
pub(super) fn pairs(results: &Results, compared: Compared<'_>) -> Result<Vec<f64>, String> {
    let Compared { targets: [target, over], metric, scope } = compared;
    let mut logs = Vec::new();
    for run in results.of_target(target) {
        let Some(other) = results.of_target(over).find(|other| other.round == run.round) else { continue };
        logs.push((positive(run, metric, scope)? / positive(other, metric, scope)?).ln());
    }
    Ok(logs)
}

/// What a run has, which must be more than 0.
fn positive(run: &Run, metric: &Metric, scope: Option<&str>) -> Result<f64, String> {
    match named(run, metric.total(run, scope))? {
        value if value > 0.0 => Ok(value),
        _ => Err(format!("{}, round {}: `{metric}` is 0", run.target, run.round)),
    }
}

/// The most that a ratio may be: with a ratchet also by what it was.
fn bound(
    baseline: Option<&Results>,
    compared: Compared<'_>,
    at_most: f64,
    ratchet: Option<f64>,
) -> Result<f64, String> {
    match (ratchet, baseline) {
        (None, _) => Ok(at_most),
        (Some(_), None) => Err("it asks for a baseline: give one with --baseline".into()),
        (Some(margin), Some(baseline)) => {
            let logs = pairs(baseline, compared).map_err(|why| format!("the baseline: {why}"))?;
            let interval = Interval::of(&logs)
                .ok_or_else(|| format!("the baseline has {} pairs, expected {FEWEST}", logs.len()))?;
            Ok(at_most.min(interval.mean.exp() * margin))
        }
    }
}

/// How long one target takes over another, pair by pair.
pub(super) fn ratio(
    results: &Results,
    baseline: Option<&Results>,
    compared: Compared<'_>,
    at_most: f64,
    ratchet: Option<f64>,
) -> Found {
    let Compared { targets: [target, over], metric, .. } = compared;
    let logs = match pairs(results, compared) {
        Ok(logs) => logs,
        Err(why) => return Found::nothing(why),
    };
    if logs.len() > 1 && metric.is_time() && logs.iter().all(|log| *log == 0.0) {
        return Found::of(
            Verdict::Fails,
            format!("every `{metric}` of {target} is that of {over}: one of them is a copy of the other"),
        );
    }
    let bound = match bound(baseline, compared, at_most, ratchet) {
        Ok(bound) => bound,
        Err(why) => return Found::nothing(why),
    };
    let interval = Interval::of(&logs);
    let (verdict, says) =
        decide(&logs, interval, bound, &format!("{target} takes {{}} times as long as {over}"));
    let ratio = interval.map(|Interval { mean, low, high, .. }| RatioInterval {
        mean: mean.exp(),
        low: low.exp(),
        high: high.exp(),
        at_most: bound,
    });
    Found { ratio, ..Found::of(verdict, says) }
}

/// How long a target takes over that of a baseline.
pub(super) fn delta(
    results: &Results,
    baseline: Option<&Results>,
    target: &str,
    metric: &Metric,
    scope: Option<&str>,
    at_most: f64,
) -> Found {
    let Some(baseline) = baseline else {
        return Found::nothing("it asks for a baseline: give one with --baseline");
    };
    let logs = |results: &Results| -> Result<Vec<f64>, String> {
        results.of_target(target).map(|run| Ok(positive(run, metric, scope)?.ln())).collect()
    };
    let (now, before) = match (logs(results), logs(baseline)) {
        (Ok(now), Ok(before)) => (now, before),
        (Err(why), _) => return Found::nothing(why),
        (_, Err(why)) => return Found::nothing(format!("the baseline: {why}")),
    };
    if before.len() < FEWEST {
        return Found::nothing(format!(
            "the baseline has {} runs of {target}, expected {FEWEST}",
            before.len()
        ));
    }
    let interval = Interval::of_difference(&now, &before);
    let says = format!("{target} takes {{}} times as long as in the baseline");
    let (verdict, says) = decide(&now, interval, 1.0 + at_most, &says);
    Found::of(verdict, says)
}

/// Decides on the interval of a ratio, and not on its mean: what is within the noise is neither good nor bad.
pub(super) fn decide(
    values: &[f64],
    interval: Option<Interval>,
    bound: f64,
    found: &str,
) -> (Verdict, String) {
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
