//! The median, as every artifact has it.

/// The middle of whole numbers, or the mean of the two in the middle, without its half; `None` of no number.
pub(crate) fn median(numbers: impl IntoIterator<Item = u64>) -> Option<u64> {
    let mut sorted: Vec<u64> = numbers.into_iter().collect();
    sorted.sort_unstable();
    middle(&sorted).map(|(low, high)| u64::midpoint(low, high))
}

/// The same of any numbers.
pub(crate) fn median_of(numbers: &[f64]) -> Option<f64> {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    middle(&sorted).map(|(low, high)| f64::midpoint(low, high))
}

/// The two in the middle, which are one of an odd number.
fn middle<T: Copy>(sorted: &[T]) -> Option<(T, T)> {
    let last = sorted.len().checked_sub(1)?;
    Some((sorted[last / 2], sorted[sorted.len() / 2]))
}

#[cfg(test)]
mod tests {
    use super::{median, median_of};

    #[test]
    fn the_middle_of_an_even_number_is_between_two() {
        for (times, expected) in [
            (&[][..], None),
            (&[7], Some(7)),
            (&[9, 1], Some(5)),
            (&[9, 1, 2], Some(2)),
            (&[40, 10, 30, 20], Some(25)),
            (&[u64::MAX, u64::MAX], Some(u64::MAX)),
        ] {
            assert_eq!(median(times.iter().copied()), expected, "{times:?}");
            #[expect(clippy::cast_precision_loss, reason = "as it is expected")]
            let floats = |times: &[u64]| times.iter().map(|time| *time as f64).collect::<Vec<_>>();
            assert_eq!(median_of(&floats(times)), expected.map(|time| floats(&[time])[0]), "{times:?}");
        }
    }
}
