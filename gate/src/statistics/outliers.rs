//! Runs that took far longer than the others, or far shorter.

use crate::median::median;

/// The threshold in absolute deviations from the median: ten standard deviations, if the others are normal. It is hyperfine's threshold
/// (`OUTLIER_THRESHOLD` in its `outlier_detection.rs`), after Iglewicz and Hoaglin, How to Detect and Handle Outliers, 1993.
const THRESHOLD: f64 = 14.826;

/// The places of outliers among some times, and how many times the median each of them is. There are none among few times.
#[expect(clippy::cast_precision_loss, reason = "2^53 ns are 104 days")]
pub(crate) fn outliers(times: &[u64]) -> Vec<(usize, f64)> {
    const FEWEST: usize = 5;
    if times.len() < FEWEST {
        return Vec::new();
    }
    let Some(middle) = median(times.iter().copied()).filter(|middle| *middle > 0) else { return Vec::new() };
    let deviation = median(times.iter().map(|time| time.abs_diff(middle))).unwrap_or(0);
    // More than half of the times may be equal. A deviation of less than a millionth of the median then is not an outlier.
    let deviation = (deviation as f64).max(middle as f64 * 1e-6);
    let is_outlier = |time: u64| time.abs_diff(middle) as f64 / deviation > THRESHOLD;
    let all = times.iter().enumerate().filter(|(_, time)| is_outlier(**time));
    all.map(|(at, time)| (at, *time as f64 / middle as f64)).collect()
}

#[cfg(test)]
mod tests {
    use super::outliers;

    #[test]
    fn what_is_far_from_all_others_is_an_outlier() {
        let mut times: Vec<u64> = (0..20).map(|at| 100 + at % 7).collect();
        assert_eq!(outliers(&times), []);
        times[4] = 515;
        assert_eq!(outliers(&times), [(4, 5.0)]);
        assert_eq!(outliers(&[1, 1, 9]), [], "of three nobody knows");
        assert_eq!(outliers(&[10, 10, 10, 10, 10, 11]).len(), 1);
        assert_eq!(outliers(&[0, 0, 0, 0, 0, 11]), []);
    }
}
