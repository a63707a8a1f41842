//! Autocorrelation: whether each value resembles the one before it.

/// The fewest values that are judged.
const FEWEST: usize = 10;

/// The correlation of values with the ones before them, if it is larger than chance makes it once in forty times. The values are then not
/// independent, and an interval that assumes so is too narrow.
pub(crate) fn autocorrelation(values: &[f64]) -> Option<f64> {
    if values.len() < FEWEST {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "there are few")]
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    let covariance: f64 = values.windows(2).map(|pair| (pair[0] - mean) * (pair[1] - mean)).sum();
    // For independent values it is normally distributed around -1/n, with a variance of 1/n.
    let correlation = covariance / variance;
    (variance > 0.0 && correlation > -1.0 / n + 1.96 / n.sqrt()).then_some(correlation)
}
