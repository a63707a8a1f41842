//! Patterns: names of several targets in one.

use wildmatch::WildMatch;

/// Whether a rule that names a target so is about this one. `*` stands for any text, and a name that has one for itself as well.
pub(crate) fn is_about(pattern: &str, target: &str) -> bool {
    pattern == target || WildMatch::new(pattern).matches(target)
}
