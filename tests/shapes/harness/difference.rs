//! What is in one list and not in the other.

use super::variant::Variant;
use std::collections::BTreeMap;
use std::fmt::Display;

/// What stands in a file of the packages.
pub(crate) trait InFile {
    fn file(&self) -> &str;
}

/// What `of` gives for the plain variant; for functions that `macro_rules!` makes, what it gives under an attribute that
/// does nothing.
///
/// Tokens that went through an attribute have lost the places where the `$variables` stood, whatever it did with them.
/// Spans over several then begin elsewhere, and regions and lints with them.
pub(crate) fn baseline<T: InFile>(of: impl Fn(Variant) -> Vec<T>) -> Vec<T> {
    let is_made = |item: &T| item.file() == "src/macros.rs";
    let mut baseline = of(Variant::Plain);
    baseline.retain(|item| !is_made(item));
    baseline.extend(of(Variant::Inert).into_iter().filter(is_made));
    baseline
}

/// What `of` gives for the canaries.
pub(crate) fn canaries<T: InFile>(of: impl Fn(Variant) -> Vec<T>, variant: Variant) -> Vec<T> {
    let mut canaries = of(variant);
    canaries.retain(|item| item.file().ends_with("canary.rs"));
    canaries
}

/// A difference that is meant to be.
pub(crate) struct Exception {
    /// How the name of its shape begins.
    pub(crate) of: &'static str,
    pub(crate) reason: &'static str,
}

/// What occurs more often in `plain` (`-`) or in `probed` (`+`), and every exception that excused nothing. What is printed
/// of an item begins with its shape.
pub(crate) fn differences<T: Ord + Display>(
    plain: &[T],
    probed: &[T],
    exceptions: &[Exception],
) -> Vec<String> {
    let mut counts: BTreeMap<&T, i64> = BTreeMap::new();
    for (list, step) in [(plain, -1), (probed, 1)] {
        for item in list {
            *counts.entry(item).or_default() += step;
        }
    }
    let mut used = vec![false; exceptions.len()];
    let mut differences = Vec::new();
    for (item, count) in counts.into_iter().filter(|(_, count)| *count != 0) {
        let text = item.to_string();
        match exceptions.iter().position(|exception| text.starts_with(exception.of)) {
            Some(excused) => used[excused] = true,
            None => differences.push(format!("  {} {text}", if count < 0 { '-' } else { '+' })),
        }
    }
    let unused = exceptions.iter().zip(used).filter(|(_, used)| !used);
    differences.extend(unused.map(|(exception, _)| {
        format!("  the exception {:?} ({}) excuses nothing", exception.of, exception.reason)
    }));
    differences
}
