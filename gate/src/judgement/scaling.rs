//! The rule that a target becomes faster with a parameter: with threads, by the times of one thread and of several.

use super::found::{Found, RatioInterval, Verdict};
use super::times::{self, Compared, How};
use crate::config::without_side;
use crate::config::{Value, expanded_name};
use crate::metric::Metric;
use crate::nearest::unknown;
use crate::results::Results;

/// How many times as fast a target is with one value of a parameter as with another.
pub(super) fn scaling(
    results: &Results,
    [target, parameter]: [&str; 2],
    [from, to]: [&Value; 2],
    metric: &Metric,
    how: How<'_>,
    at_least: f64,
) -> Found {
    let [slow, fast] = [from, to].map(|value| expanded_name(target, &[(parameter, &value.to_string())]));
    if let Some(missing) = [&slow, &fast].into_iter().find(|name| results.of_target(name).next().is_none()) {
        return Found::nothing(unknown("run of a target", missing, results.targets()));
    }
    let compared = Compared { targets: [&slow, &fast], metric, how };
    // How many times as fast it is: the time with the first value over that with the second.
    let measured = match times::compare(results, compared) {
        Ok((measured, _)) => measured,
        Err(why) => return Found::nothing(why),
    };
    let Some(interval) = measured.interval else {
        let (verdict, says) = times::too_few(measured.values, measured.of);
        return Found::of(verdict, says);
    };
    let [mean, low, high] = [interval.mean, interval.low, interval.high].map(f64::exp);
    let verdict = if low >= at_least {
        Verdict::Holds
    } else if high < at_least {
        Verdict::Fails
    } else {
        Verdict::CannotTell { more: interval.more(at_least.ln(), measured.values) }
    };
    let says = format!(
        "{target} is {mean:.3} [{low:.3}, {high:.3}] times as fast with {parameter} {} as with {}, at least {at_least:.3} is \
         asked for{}",
        without_side(&to.to_string()),
        without_side(&from.to_string()),
        measured.note
    );
    let ratio = RatioInterval { mean: 1.0 / mean, low: 1.0 / high, high: 1.0 / low, at_most: 1.0 / at_least };
    Found { ratio: Some(ratio), compared: Some([fast, slow]), ..Found::of(verdict, says) }
}
