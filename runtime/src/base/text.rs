//! Helpers for the text of messages.

/// `1 call`, `2 calls`.
pub(crate) fn plural(n: u64, one: &str, more: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { more })
}

/// Names in backticks, with commas between them.
pub(crate) fn quoted<T: AsRef<str>>(names: impl IntoIterator<Item = T>) -> String {
    let quoted: Vec<String> = names.into_iter().map(|name| format!("`{}`", name.as_ref())).collect();
    quoted.join(", ")
}

/// Suggests the known name that is nearest to an unknown name: `; did you mean ..?`. The result is empty if no known name is
/// near.
pub(crate) fn did_you_mean<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let near = known
        .into_iter()
        .map(|candidate| (distance(name, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= candidate.chars().count().max(name.chars().count()) / 2)
        .min();
    near.map_or_else(String::new, |(_, candidate)| format!("; did you mean `{candidate}`?"))
}

/// The edit distance of two names, without regard to case: how many characters must be added, removed, replaced, or swapped with their neighbour.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) =
        (a.to_lowercase().chars().collect(), b.to_lowercase().chars().collect());
    let mut rows = vec![(0..=b.len()).collect::<Vec<usize>>()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replaced = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = replaced.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::{did_you_mean, distance, plural};

    #[test]
    fn a_near_name_is_offered_and_a_far_one_is_not() {
        let known = ["link_slot", "fetch"];
        assert_eq!(did_you_mean("lnik_slot", known), "; did you mean `link_slot`?");
        assert_eq!(did_you_mean("Fetch", known), "; did you mean `fetch`?");
        assert_eq!(did_you_mean("unpack", known), "");
        assert_eq!(did_you_mean("x", []), "");
    }

    #[test]
    fn neighbours_that_changed_places_are_one_step() {
        assert_eq!((distance("lnik", "link"), distance("", "abc"), distance("abc", "abd")), (1, 3, 1));
    }

    #[test]
    fn one_is_not_many() {
        assert_eq!(
            (plural(1, "call", "calls"), plural(0, "call", "calls")),
            ("1 call".into(), "0 calls".into())
        );
    }
}
