//! Runs that took far longer than the others, or far shorter.

/// So many absolute deviations from the median: ten standard deviations, if the others are normal. It is hyperfine's threshold
/// (`OUTLIER_THRESHOLD` in its `outlier_detection.rs`), after Iglewicz and Hoaglin, How to Detect and Handle Outliers, 1993.
const THRESHOLD: f64 = 14.826;

/// The places of values that are outliers, with how many times the median they are. Of few values nobody knows.
pub(crate) fn outliers(values: &[f64]) -> Vec<(usize, f64)> {
    const FEWEST: usize = 5;
    let Some(median) = median(values).filter(|median| values.len() >= FEWEST && *median > 0.0) else {
        return Vec::new();
    };
    let deviations: Vec<f64> = values.iter().map(|value| (value - median).abs()).collect();
    // More than half of the values may be the same: then a deviation of a millionth is none.
    let deviation = self::median(&deviations).unwrap_or(0.0).max(median * 1e-6);
    let is_outlier = |value: f64| (value - median).abs() / deviation > THRESHOLD;
    let all = values.iter().enumerate().filter(|(_, value)| is_outlier(**value));
    all.map(|(at, value)| (at, value / median)).collect()
}

fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        length if length.is_multiple_of(2) => Some(f64::midpoint(sorted[middle - 1], sorted[middle])),
        _ => Some(sorted[middle]),
    }
}

#[cfg(test)]
mod tests {
    use super::outliers;

    #[test]
    fn what_is_far_from_all_others_is_an_outlier() {
        let mut values: Vec<f64> = (0..20).map(|at| 100.0 + f64::from(at % 7)).collect();
        assert_eq!(outliers(&values), []);
        values[4] = 515.0;
        assert_eq!(outliers(&values), [(4, 5.0)]);
        assert_eq!(outliers(&[1.0, 1.0, 9.0]), [], "of three nobody knows");
        assert_eq!(outliers(&[1.0, 1.0, 1.0, 1.0, 1.0, 1.1]).len(), 1);
    }
}
