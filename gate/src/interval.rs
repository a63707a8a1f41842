//! `Interval`: where a mean lies.

use rand::Rng;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// Where the mean of a logarithm lies, from few values: a bootstrap that resamples the studentized mean (Efron and
/// Tibshirani, An Introduction to the Bootstrap, 1993, section 12.5). Times vary in proportion, so their logarithms are what
/// is looked at; and with as few runs as a benchmark has, a bootstrap of the mean itself would be too narrow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The mean.
    pub mean: f64,
    /// Below it the mean lies once in forty times.
    pub low: f64,
    /// Above it the mean lies once in forty times.
    pub high: f64,
    /// The standard error of the mean.
    pub error: f64,
}

/// From so many values on.
pub const FEWEST: usize = 5;

/// How often it is resampled. Always in the same way, so that the same results have the same verdict.
const RESAMPLES: usize = 4000;

impl Interval {
    /// Of one sample; `None` if there are too few values, or one is not finite.
    pub fn of(values: &[f64]) -> Option<Self> {
        let (mean, error) = mean_and_error(values)?;
        let studentized = |random: &mut ChaCha8Rng| {
            let (resampled, error) = mean_and_error(&resample(values, random))?;
            (error > 0.0).then(|| (resampled - mean) / error)
        };
        Some(Interval::studentized(mean, error, studentized))
    }

    /// Of how much the mean of one sample is above that of another, unpaired one.
    pub fn of_difference(a: &[f64], b: &[f64]) -> Option<Self> {
        let difference = |a: &[f64], b: &[f64]| {
            let ((a, a_error), (b, b_error)) = (mean_and_error(a)?, mean_and_error(b)?);
            Some((a - b, a_error.hypot(b_error)))
        };
        let (mean, error) = difference(a, b)?;
        let studentized = |random: &mut ChaCha8Rng| {
            let (resampled, error) = difference(&resample(a, random), &resample(b, random))?;
            (error > 0.0).then(|| (resampled - mean) / error)
        };
        Some(Interval::studentized(mean, error, studentized))
    }

    fn studentized(mean: f64, error: f64, mut draw: impl FnMut(&mut ChaCha8Rng) -> Option<f64>) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(0);
        let mut drawn: Vec<f64> = (0..RESAMPLES).filter_map(|_| draw(&mut random)).collect();
        drawn.sort_by(f64::total_cmp);
        let quantile = |share: usize| drawn.get(drawn.len() * share / 1000).copied().unwrap_or_default();
        Interval { mean, low: mean - quantile(975) * error, high: mean - quantile(25) * error, error }
    }

    /// How many values more would tell on which side of a bound the mean lies, if they are like those that there are.
    pub fn more(&self, bound: f64, values: usize) -> u32 {
        let distance = (self.mean - bound).abs();
        #[expect(clippy::cast_precision_loss, reason = "there are few")]
        let needed = values as f64 * (2.3 * self.error / distance).powi(2);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is clamped")]
        let needed = needed.ceil().clamp(0.0, 1000.0) as u32;
        needed.saturating_sub(u32::try_from(values).unwrap_or(u32::MAX)).max(1)
    }
}

fn mean_and_error(values: &[f64]) -> Option<(f64, f64)> {
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
