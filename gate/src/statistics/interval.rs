//! `Interval`: where the middle of a sample lies.

use super::design::{Design, Statistic};
use crate::median::median_of;
use rand::Rng;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use statrs::distribution::{Binomial, ContinuousCDF, DiscreteCDF, StudentsT};

/// A confidence interval of the mean or the median of few values. Times vary in proportion, so it is used on their logarithms.
///
/// - The mean, looked at once: a bootstrap that resamples the studentized mean (Efron and Tibshirani, An Introduction to the Bootstrap,
///   1993, section 12.5), and at least Student's interval. With as few runs as a benchmark has, a bootstrap of the mean itself would be too
///   narrow.
/// - The mean, looked at several times: Student's interval. A bootstrap has too few values so far out.
/// - The median: the interval of the sign test, between two of the sorted values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The mean, or the median.
    pub mean: f64,
    /// The low end. The true value is below it once in forty times, or as rarely as the [`Design`] asks.
    pub low: f64,
    /// The high end. The true value is above it as rarely.
    pub high: f64,
    /// The standard error, which more values make smaller.
    pub error: f64,
}

/// The fewest values that an interval needs.
pub const FEWEST: usize = 5;

/// How often it is resampled. Always in the same way, so that the same results have the same verdict.
const RESAMPLES: usize = 4000;

impl Interval {
    /// The interval of one sample; `None` if there are too few values, or one is not finite.
    pub fn of(values: &[f64], statistic: Statistic, design: Design) -> Option<Self> {
        if statistic == Statistic::Median {
            return Interval::of_median(values, design.error());
        }
        let (mean, error) = mean_and_error(values)?;
        if design != Design::Fixed {
            return Some(Interval::student(mean, error, values.len() - 1, design.error()));
        }
        let studentized = |random: &mut ChaCha8Rng| {
            let (resampled, error) = mean_and_error(&resample(values, random))?;
            (error > 0.0).then(|| (resampled - mean) / error)
        };
        let student = Interval::student(mean, error, values.len() - 1, design.error());
        Some(Interval::studentized(mean, error, studentized).or_wider(student))
    }

    /// The interval of the difference of two unpaired samples.
    pub fn of_difference(a: &[f64], b: &[f64], statistic: Statistic, design: Design) -> Option<Self> {
        if statistic == Statistic::Median {
            // Each is outside of its own interval half as rarely, so both are inside as often as is asked for.
            let [a, b] = [a, b].map(|values| Interval::of_median(values, design.error() / 2.0));
            let (a, b) = (a?, b?);
            let error = a.error.hypot(b.error);
            return Some(Interval {
                mean: a.mean - b.mean,
                low: a.low - b.high,
                high: a.high - b.low,
                error,
            });
        }
        let difference = |a: &[f64], b: &[f64]| {
            let ((a, a_error), (b, b_error)) = (mean_and_error(a)?, mean_and_error(b)?);
            Some((a - b, a_error.hypot(b_error)))
        };
        let (mean, error) = difference(a, b)?;
        if design != Design::Fixed {
            // At least as many degrees of freedom as the smaller sample has.
            let freedom = a.len().min(b.len()) - 1;
            return Some(Interval::student(mean, error, freedom, design.error()));
        }
        let studentized = |random: &mut ChaCha8Rng| {
            let (resampled, error) = difference(&resample(a, random), &resample(b, random))?;
            (error > 0.0).then(|| (resampled - mean) / error)
        };
        let student = Interval::student(mean, error, a.len().min(b.len()) - 1, design.error());
        Some(Interval::studentized(mean, error, studentized).or_wider(student))
    }

    /// The wider of two. The bootstrap follows skewed values and is too narrow where a few runs are far out; Student's interval is the other
    /// way round.
    fn or_wider(self, other: Self) -> Self {
        Interval { low: self.low.min(other.low), high: self.high.max(other.high), ..self }
    }

    fn studentized(mean: f64, error: f64, mut draw: impl FnMut(&mut ChaCha8Rng) -> Option<f64>) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(0);
        let mut drawn: Vec<f64> = (0..RESAMPLES).filter_map(|_| draw(&mut random)).collect();
        drawn.sort_by(f64::total_cmp);
        let quantile = |share: usize| drawn.get(drawn.len() * share / 1000).copied().unwrap_or_default();
        Interval { mean, low: mean - quantile(975) * error, high: mean - quantile(25) * error, error }
    }

    /// Student's interval. `each_side` is the error rate of each side.
    pub(super) fn student(mean: f64, error: f64, freedom: usize, each_side: f64) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "there are few")]
        let freedom = freedom.max(1) as f64;
        let factor =
            StudentsT::new(0.0, 1.0, freedom).map_or(f64::INFINITY, |t| t.inverse_cdf(1.0 - each_side));
        Interval { mean, low: mean - factor * error, high: mean + factor * error, error }
    }

    /// The median, and the sorted values between which it lies: so many of them are below it as heads fall in as many throws of a coin.
    fn of_median(values: &[f64], each_side: f64) -> Option<Self> {
        if values.len() < FEWEST || values.iter().any(|value| !value.is_finite()) {
            return None;
        }
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let length = sorted.len();
        let mean = median_of(values)?;
        let heads = Binomial::new(0.5, length as u64).ok()?;
        // The most values that may be cut off on each side.
        let cut = (0..length / 2).take_while(|cut| heads.cdf(*cut as u64) <= each_side).count();
        let (low, high) = match cut {
            0 => (f64::NEG_INFINITY, f64::INFINITY),
            cut => (sorted[cut - 1], sorted[length - cut]),
        };
        // As if it were normal: it says only how many values more would do.
        let error = if cut == 0 { (sorted[length - 1] - sorted[0]) / 2.0 } else { (high - low) / 4.0 };
        Some(Interval { mean, low, high, error })
    }

    /// How many more values would show on which side of a bound the true value lies, if they vary like the values so far.
    pub fn more(&self, bound: f64, values: usize) -> u32 {
        let distance = (self.mean - bound).abs();
        #[expect(clippy::cast_precision_loss, reason = "there are few")]
        let needed = values as f64 * (2.3 * self.error / distance).powi(2);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is clamped")]
        let needed = needed.ceil().clamp(0.0, 1000.0) as u32;
        needed.saturating_sub(u32::try_from(values).unwrap_or(u32::MAX)).max(1)
    }
}

/// The mean of values, and its standard error.
pub(super) fn mean_and_error(values: &[f64]) -> Option<(f64, f64)> {
    if values.len() < FEWEST || values.iter().any(|value| !value.is_finite()) {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "there are few")]
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0);
    Some((mean, (variance / n).sqrt()))
}

fn resample(values: &[f64], random: &mut ChaCha8Rng) -> Vec<f64> {
    (0..values.len()).map(|_| values[random.random_range(0..values.len())]).collect()
}

#[cfg(test)]
mod tests {
    use super::{Design, Interval, Statistic};

    /// The sign test's table: of so many values, those that are cut off on each side at 95 %.
    #[test]
    fn the_interval_of_a_median_is_that_of_the_sign_test() {
        for (length, cut) in [(5, 0), (6, 1), (8, 1), (9, 2), (12, 3), (20, 6), (40, 14)] {
            let values: Vec<f64> = (0..length).map(f64::from).collect();
            let interval = Interval::of(&values, Statistic::Median, Design::Fixed).unwrap();
            let expected = match cut {
                0 => (f64::NEG_INFINITY, f64::INFINITY),
                cut => (f64::from(cut - 1), f64::from(length - cut)),
            };
            assert_eq!((interval.low, interval.high), expected, "{length}");
        }
    }

    #[test]
    fn one_outlier_does_not_move_a_median() {
        let mut values: Vec<f64> = (0..20).map(|at| 0.05 * f64::from(at % 5)).collect();
        let before = Interval::of(&values, Statistic::Median, Design::Fixed).unwrap();
        values[7] = 5.0;
        let after = Interval::of(&values, Statistic::Median, Design::Fixed).unwrap();
        assert!((before.high - after.high).abs() < 0.06 && after.high < 0.2, "{before:?} {after:?}");
        assert!(Interval::of(&values, Statistic::Mean, Design::Fixed).unwrap().high > 0.5, "the twin");
    }
}
