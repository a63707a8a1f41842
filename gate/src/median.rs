//! The median, as every artifact has it.

/// The middle of some times, or the mean of the two in the middle; `None` of none.
pub(crate) fn median(times: impl IntoIterator<Item = u64>) -> Option<u64> {
    let mut sorted: Vec<u64> = times.into_iter().collect();
    sorted.sort_unstable();
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        length if length.is_multiple_of(2) => Some(u64::midpoint(sorted[middle - 1], sorted[middle])),
        _ => Some(sorted[middle]),
    }
}

#[cfg(test)]
mod tests {
    use super::median;

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
        }
    }
}
