//! Rules about times: they are decided on intervals, and never on one run.

use super::found::{Found, RatioInterval, Verdict, severity};
use super::share::share;
use crate::metric::{Metric, Sum};
use crate::pattern::is_about;
use crate::results::{Results, Run};
use crate::sentence::number;
use crate::statistics::{Design, FEWEST, Interval, Placed, Statistic, autocorrelation};

/// How values are judged.
#[derive(Clone, Copy)]
pub(super) struct How<'a> {
    pub(super) scope: Option<&'a str>,
    pub(super) statistic: Statistic,
    pub(super) design: Design,
}

/// A number of each run, or its share of a sum.
#[derive(Clone, Copy)]
pub(super) struct Share<'a> {
    pub(super) metric: &'a Sum,
    pub(super) of: Option<&'a Sum>,
}

/// Two targets, and what is compared.
#[derive(Clone, Copy)]
pub(super) struct Compared<'a> {
    pub(super) targets: [&'a str; 2],
    pub(super) metric: &'a Metric,
    pub(super) how: How<'a>,
}

impl Share<'_> {
    /// What a run has, in all lines of the scope together.
    fn of(self, run: &Run, scope: Option<&str>) -> Result<f64, String> {
        let Share { metric, of } = self;
        share(metric, of, |sum| sum.total(run, scope))
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
    how: How<'_>,
    bounds: [Option<f64>; 2],
) -> Found {
    let Share { metric, of } = share;
    let what = of.map_or_else(|| metric.to_string(), |of| format!("({metric}) / ({of})"));
    let mut worst: Option<(Verdict, String)> = None;
    let targets = results.targets();
    for name in targets.into_iter().filter(|name| target.is_none_or(|pattern| is_about(pattern, name))) {
        let values: Result<Vec<f64>, String> =
            results.of_target(name).map(|run| named(run, share.of(run, how.scope))).collect();
        let judged = match values {
            Ok(values) => within(&values, how, bounds, &format!("{name}: {what}")),
            Err(why) => (Verdict::NoData, why),
        };
        if worst.as_ref().is_none_or(|(verdict, _)| severity(judged.0) > severity(*verdict)) {
            worst = Some(judged);
        }
    }
    worst.map_or_else(|| Found::nothing("there is no run"), |(verdict, says)| Found::of(verdict, says))
}

/// Whether a mean is certainly between two bounds.
fn within(
    values: &[f64],
    how: How<'_>,
    [at_least, at_most]: [Option<f64>; 2],
    what: &str,
) -> (Verdict, String) {
    // Times vary in proportion, so their logarithms are judged. 0 has no logarithm.
    let has_logs = values.iter().all(|value| *value > 0.0);
    let [to, from]: [fn(f64) -> f64; 2] = if has_logs { [f64::ln, f64::exp] } else { [|value| value; 2] };
    let scaled: Vec<f64> = values.iter().map(|value| to(*value)).collect();
    let Some(interval) = Interval::of(&scaled, how.statistic, how.design) else {
        return too_few(values.len(), "runs");
    };
    let [mean, low, high] = [interval.mean, interval.low, interval.high].map(from);
    let is_outside = at_least.is_some_and(|least| high < least) || at_most.is_some_and(|most| low > most);
    let unsure = [at_least.filter(|least| low < *least), at_most.filter(|most| high > *most)];
    let more = unsure.into_iter().flatten().map(|bound| interval.more(to(bound), values.len())).max();
    let verdict = match more {
        _ if is_outside => Verdict::Fails,
        Some(more) => Verdict::CannotTell { more },
        None => Verdict::Holds,
    };
    let says =
        format!("{what} is {} [{}, {}]{}", number(mean), number(low), number(high), dependence(values));
    (verdict, says)
}

/// The verdict where there are too few values for an interval.
pub(super) fn too_few(values: usize, of: &str) -> (Verdict, String) {
    let more = u32::try_from(FEWEST.saturating_sub(values).max(1)).unwrap_or(1);
    (Verdict::CannotTell { more }, format!("there are {values} {of}, and at least {FEWEST} are needed"))
}

/// A note for values that each resemble the one before.
pub(super) fn dependence(values: &[f64]) -> String {
    autocorrelation(values).map_or_else(String::new, |correlation| {
        format!(
            "; each round resembles the one before it (correlation {correlation:.2}), so the interval is too narrow: make the \
             machine quieter, or run longer"
        )
    })
}

/// The logarithms of the ratios of two targets, of the rounds in which both were run.
pub(super) fn pairs(results: &Results, compared: Compared<'_>) -> Result<Vec<f64>, String> {
    let Compared { targets: [target, over], metric, how } = compared;
    let mut logs = Vec::new();
    for run in results.of_target(target) {
        let Some(other) = results.of_target(over).find(|other| other.round == run.round) else { continue };
        logs.push((positive(run, metric, how.scope)? / positive(other, metric, how.scope)?).ln());
    }
    Ok(logs)
}

/// The logarithms of what the runs of a target have.
fn logs(results: &Results, target: &str, metric: &Metric, scope: Option<&str>) -> Result<Vec<f64>, String> {
    results.of_target(target).map(|run| Ok(positive(run, metric, scope)?.ln())).collect()
}

/// The same, each with the place of its run among all.
fn placed(
    results: &Results,
    target: &str,
    metric: &Metric,
    scope: Option<&str>,
) -> Result<Vec<Placed>, String> {
    let runs = results.runs.iter().enumerate().filter(|(_, run)| run.target == target);
    #[expect(clippy::cast_precision_loss, reason = "there are few")]
    runs.map(|(place, run)| Ok((place as f64, positive(run, metric, scope)?.ln()))).collect()
}

/// What a run has, which must be more than 0.
fn positive(run: &Run, metric: &Metric, scope: Option<&str>) -> Result<f64, String> {
    match named(run, metric.total(run, scope))? {
        value if value > 0.0 => Ok(value),
        _ => Err(format!("{}, round {}: `{metric}` is 0", run.target, run.round)),
    }
}

/// The interval of the logarithm of a ratio, the number of values, and a note about them.
pub(super) struct Measured {
    pub(super) interval: Option<Interval>,
    pub(super) values: usize,
    pub(super) of: &'static str,
    pub(super) note: String,
}

/// Compares two targets: pair by pair, or as two samples if they were run in blocks.
pub(super) fn compare(results: &Results, compared: Compared<'_>) -> Result<(Measured, Vec<f64>), String> {
    let Compared { targets: [target, over], metric, how } = compared;
    let ratios = pairs(results, compared)?;
    if results.is_paired {
        let interval = Interval::of(&ratios, how.statistic, how.design);
        let note = dependence(&ratios);
        return Ok((Measured { interval, values: ratios.len(), of: "pairs of runs", note }, ratios));
    }
    let [a, b] = [target, over].map(|target| placed(results, target, metric, how.scope));
    let (a, b) = (a?, b?);
    let interval = Interval::of_blocks(&a, &b, how.design);
    let note = "; not by pairs, as each was run in a block: a change of the machine from one block to the other, beyond a steady one, \
                counts as a difference of the programs"
        .to_owned();
    Ok((Measured { interval, values: a.len().min(b.len()), of: "runs in a block", note }, ratios))
}

/// How long one target takes over another.
pub(super) fn ratio(
    results: &Results,
    baseline: Option<&Results>,
    compared: Compared<'_>,
    at_most: f64,
    ratchet: Option<f64>,
) -> Found {
    let Compared { targets: [target, over], metric, .. } = compared;
    let (measured, ratios) = match compare(results, compared) {
        Ok(measured) => measured,
        Err(why) => return Found::nothing(why),
    };
    if is_copy(results, compared, &ratios) {
        return Found::of(
            Verdict::Fails,
            format!(
                "every run of {target} has exactly the `{metric}` of a run of {over}: one of them is a copy of the other"
            ),
        );
    }
    let says = if metric.is_time() {
        format!("{target} takes {{}} times as long as {over}")
    } else {
        format!("{target} has {{}} times the `{metric}` of {over}")
    };
    let (verdict, mut said) = decide(&measured, at_most, &says);
    let mut found = Found::of(verdict, &*said);
    let mut bound = at_most;
    if let Some(margin) = ratchet {
        let remembered = match remembered(&ratios, baseline, compared) {
            Ok(remembered) => remembered,
            Err(why) => return Found::nothing(why),
        };
        let says = "that is {} times what it was in the baseline";
        let (verdict, also) = decide(&remembered.0, margin, says);
        said = format!("{said}; {also}");
        let worse = if severity(verdict) > severity(found.verdict) { verdict } else { found.verdict };
        found = Found::of(worse, said);
        bound = at_most.min(remembered.1 * margin);
    }
    found.ratio = measured.interval.map(|Interval { mean, low, high, .. }| RatioInterval {
        mean: mean.exp(),
        low: low.exp(),
        high: high.exp(),
        at_most: bound,
    });
    found
}

/// Whether the times of one target were copied from the other. Two processes never take the same time to the nanosecond in every round. A
/// count may be equal, and so may a rounded time.
fn is_copy(results: &Results, Compared { targets, metric, how }: Compared<'_>, ratios: &[f64]) -> bool {
    // A program may report times of a simulated clock, which are equal each time. Measured times vary.
    let is_measured = |target: &str| {
        let values: Vec<f64> =
            results.of_target(target).filter_map(|run| metric.total(run, how.scope).ok()).collect();
        let varies = values.iter().any(|value| value.total_cmp(&values[0]).is_ne());
        varies && values.iter().any(|value| value % 1000.0 != 0.0)
    };
    metric.is_time()
        && ratios.len() > 1
        && ratios.iter().all(|log| *log == 0.0)
        && targets.into_iter().all(is_measured)
}

/// How a ratio compares with that of a baseline, which is a sample as well, and not exact; and the baseline's ratio.
fn remembered(
    now: &[f64],
    baseline: Option<&Results>,
    compared: Compared<'_>,
) -> Result<(Measured, f64), String> {
    let baseline = baseline.ok_or("it asks for a baseline: give one with --baseline")?;
    if let Some(failure) = &baseline.failure {
        return Err(format!("the baseline is of a session that failed: {}", failure.what));
    }
    if !baseline.is_paired {
        return Err("the baseline: its runs are no pairs, as each target was run in a block".into());
    }
    let before = pairs(baseline, compared).map_err(|why| format!("the baseline: {why}"))?;
    let Compared { how, .. } = compared;
    let ratio = Interval::of(&before, how.statistic, how.design)
        .ok_or_else(|| format!("the baseline has {} pairs, expected {FEWEST}", before.len()))?;
    let interval = Interval::of_difference(now, &before, how.statistic, how.design);
    let measured = Measured { interval, values: now.len(), of: "pairs of runs", note: String::new() };
    Ok((measured, ratio.mean.exp()))
}

/// How long a target takes over that of a baseline.
pub(super) fn delta(
    results: &Results,
    baseline: Option<&Results>,
    target: &str,
    metric: &Metric,
    how: How<'_>,
    at_most: f64,
) -> Found {
    let Some(baseline) = baseline else {
        return Found::nothing("it asks for a baseline: give one with --baseline");
    };
    let (now, before) = match [results, baseline].map(|results| logs(results, target, metric, how.scope)) {
        [Ok(now), Ok(before)] => (now, before),
        [Err(why), _] => return Found::nothing(why),
        [_, Err(why)] => return Found::nothing(format!("the baseline: {why}")),
    };
    if before.len() < FEWEST {
        return Found::nothing(format!(
            "the baseline has {} runs of {target}, expected {FEWEST}",
            before.len()
        ));
    }
    let interval = Interval::of_difference(&now, &before, how.statistic, how.design);
    let measured = Measured { interval, values: now.len(), of: "runs", note: dependence(&now) };
    let says = format!("{target} takes {{}} times as long as in the baseline");
    let (verdict, says) = decide(&measured, 1.0 + at_most, &says);
    Found::of(verdict, says)
}

/// Decides on the interval of a ratio, and not on its mean. If the bound lies within the interval, nothing is decided.
fn decide(measured: &Measured, bound: f64, found: &str) -> (Verdict, String) {
    let Measured { interval, values, of, note } = measured;
    let Some(interval) = interval else {
        if *of == "runs in a block" {
            let more = u32::try_from(10_usize.saturating_sub(*values).max(1)).unwrap_or(1);
            let says = format!("there are {values} runs in a block, and at least 10 are needed{note}");
            return (Verdict::CannotTell { more }, says);
        }
        return too_few(*values, of);
    };
    let [mean, low, high] = [interval.mean, interval.low, interval.high].map(f64::exp);
    let verdict = if high <= bound {
        Verdict::Holds
    } else if low > bound {
        Verdict::Fails
    } else {
        Verdict::CannotTell { more: interval.more(bound.ln(), *values) }
    };
    let ratio = format!("{mean:.3} [{low:.3}, {high:.3}]");
    (verdict, format!("{}, at most {bound:.3} is allowed{note}", found.replace("{}", &ratio)))
}
