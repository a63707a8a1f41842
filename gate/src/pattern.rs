//! Patterns: names of several targets in one.

use wildmatch::WildMatchPattern;

/// `*` matches any text. There is no sign for one character: commands are targets in hyperfine's export, and they contain `?`. The crate
/// needs a sign for it, so it gets a code point that no text has.
type Pattern = WildMatchPattern<'*', '\u{10ffff}'>;

/// Whether a pattern in a rule matches a target. A target whose name has a `*` also matches its own name.
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
