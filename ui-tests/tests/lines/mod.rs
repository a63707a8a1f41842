//! How many lines two texts do not share.

/// Lines of the one that are not in the other.
pub(crate) struct Difference {
    pub(crate) removed: usize,
    pub(crate) added: usize,
}

/// By their longest common subsequence, as `diff` counts.
pub(crate) fn difference(old: &str, new: &str) -> Difference {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let mut common = vec![0; new.len() + 1];
    for line in &old {
        let mut diagonal = 0;
        for (column, other) in new.iter().enumerate() {
            let above = common[column + 1];
            common[column + 1] = if line == other { diagonal + 1 } else { above.max(common[column]) };
            diagonal = above;
        }
    }
    let shared = common[new.len()];
    Difference { removed: old.len() - shared, added: new.len() - shared }
}
