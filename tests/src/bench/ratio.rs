//! `Ratio`: how many times as long one takes as the other.

use serde::Serialize;
use statrs::distribution::{ContinuousCDF, StudentsT};

/// How many times as long one takes as the other, from runs in pairs.
///
/// Times vary in proportion, so the mean is the geometric one, and the interval is Student's for the logarithms of the pairs:
/// with as few runs as a benchmark has, a bootstrap would make it too narrow.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Ratio {
    /// The geometric mean.
    pub mean: f64,
    /// Where the mean of more runs lies, with 95 % confidence; not known from a single pair.
    pub interval: Option<(f64, f64)>,
    /// The pairs.
    pub pairs: usize,
}

impl Ratio {
    /// Of pairs of times, each the first over the second. `None` without a pair, or with a time that is none.
    pub fn of(pairs: impl IntoIterator<Item = (f64, f64)>) -> Option<Self> {
        let logs: Vec<f64> = pairs.into_iter().map(|(a, b)| (a / b).ln()).collect();
        if logs.is_empty() || logs.iter().any(|log| !log.is_finite()) {
            return None;
        }
        let pairs = u32::try_from(logs.len()).ok()?;
        let n = f64::from(pairs);
        let mean = logs.iter().sum::<f64>() / n;
        let interval = (pairs > 1).then(|| {
            let variance = logs.iter().map(|log| (log - mean).powi(2)).sum::<f64>() / (n - 1.0);
            let t = StudentsT::new(0.0, 1.0, n - 1.0).map_or(f64::INFINITY, |t| t.inverse_cdf(0.975));
            let half = t * (variance / n).sqrt();
            ((mean - half).exp(), (mean + half).exp())
        });
        Some(Ratio { mean: mean.exp(), interval, pairs: logs.len() })
    }

    /// Whether it is certainly below a bound.
    pub fn is_below(&self, bound: f64) -> bool {
        self.interval.is_some_and(|(_, high)| high < bound)
    }

    /// Whether it is certainly above a bound.
    pub fn is_above(&self, bound: f64) -> bool {
        self.interval.is_some_and(|(low, _)| low > bound)
    }
}

impl std::fmt::Display for Ratio {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.2}", self.mean)?;
        if let Some((low, high)) = self.interval {
            write!(f, " [{low:.2}, {high:.2}]")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Ratio;

    #[test]
    fn the_interval_is_students() {
        // Logarithms -0.1, 0, 0.1: mean 0, standard deviation 0.1, t(2) = 4.3027.
        let pairs = [-0.1_f64, 0.0, 0.1].map(|log| (log.exp(), 1.0));
        let ratio = Ratio::of(pairs).unwrap();
        let half = 4.302_652_7 * 0.1 / 3.0_f64.sqrt();
        let (low, high) = ratio.interval.unwrap();
        assert!((ratio.mean - 1.0).abs() < 1e-9);
        assert!((low.ln() + half).abs() < 1e-6 && (high.ln() - half).abs() < 1e-6, "{low} {high}");
    }

    #[test]
    fn one_pair_has_no_interval_and_none_has_no_ratio() {
        let one = Ratio::of([(2.0, 1.0)]).unwrap();
        assert_eq!((one.mean, one.interval), (2.0, None));
        assert!(!one.is_above(1.0) && !one.is_below(3.0));
        assert_eq!(Ratio::of([]), None);
        assert_eq!(Ratio::of([(0.0, 1.0)]), None);
        assert_eq!(Ratio::of([(1.0, 0.0)]), None);
    }
}
