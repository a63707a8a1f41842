//! Patterns: names of several targets in one.

use wildmatch::WildMatchPattern;

/// `*` stands for any text. Nothing stands for one character: commands, which are targets in hyperfine's export, have `?` in
/// them. The crate wants a character for that all the same, so it is one that Unicode will never have.
type Pattern = WildMatchPattern<'*', '\u{10ffff}'>;

/// Whether a rule that names a target so is about this one. A name that has a `*` stands for itself as well.
pub(crate) fn is_about(pattern: &str, target: &str) -> bool {
    pattern == target || Pattern::new(pattern).matches(target)
}

#[cfg(test)]
mod tests {
    use super::is_about;

    #[test]
    fn a_star_stands_for_any_text_and_nothing_else_does() {
        for (pattern, target, is) in [
            ("a", "a", true),
            ("a", "b", false),
            ("*", "", true),
            ("*.inline", "pnpr.inline", true),
            ("*.inline", "pnpr.inlined", false),
            ("p*m*", "pnpm.store", true),
            ("rm *", "rm *", true),
            ("?", "?", true),
            ("?", "a", false),
            ("pnp?", "pnpm", false),
            ("A", "a", false),
        ] {
            assert_eq!(is_about(pattern, target), is, "{pattern} {target}");
        }
    }
}
