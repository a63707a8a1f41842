//! `collate`: the order of the names of packages in JavaScript's `localeCompare`.

use std::cmp::Ordering;

/// The signs of a name in the order of Unicode's collation, before digits and letters.
const SIGNS: &str = "_-.@/~";

/// Compares as `localeCompare` does, which pnpm decides by: signs, then digits, then letters; capitals come after small letters, but
/// only where nothing else differs.
pub(super) fn collate(one: &str, other: &str) -> Ordering {
    let keys = |text: &str| text.chars().map(key).collect::<Vec<_>>();
    let is_capital = |text: &str| text.chars().map(char::is_uppercase).collect::<Vec<_>>();
    keys(one).cmp(&keys(other)).then_with(|| is_capital(one).cmp(&is_capital(other)))
}

fn key(c: char) -> (usize, char) {
    let rank = SIGNS.find(c).unwrap_or(if c.is_alphabetic() { SIGNS.len() + 1 } else { SIGNS.len() });
    (rank, c.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::collate;

    /// The order that Node 20 sorts these in.
    #[test]
    fn names_are_in_the_order_of_javascript() {
        let sorted =
            ["_", "-", ".", "@", "@a/b", "/", "~", "0", "a", "A", "a_b", "a-b", "a.b", "a1", "ab", "aB"];
        let sorted = sorted.into_iter().chain(["Ab", "AB", "abc", "ac"]).collect::<Vec<_>>();
        let mut ours = sorted.clone();
        ours.reverse();
        ours.sort_by(|one, other| collate(one, other));
        assert_eq!(ours, sorted);
    }
}
