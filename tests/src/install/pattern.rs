//! `Patterns`: which names are meant.

use wildmatch::WildMatchPattern;

/// A list of patterns with `*`, as pnpm reads it (`@pnpm/matcher`): one with `!` takes back what an earlier one matched, and a
/// list of those alone takes them from all.
#[derive(Clone, Debug, Default)]
pub(super) struct Patterns {
    all: Vec<Pattern>,
}

#[derive(Clone, Debug)]
struct Pattern {
    is_taken_back: bool,
    /// Without a sign for a single character: `?` is one like all others.
    pattern: WildMatchPattern<'*', '\0'>,
}

impl Patterns {
    pub(super) fn new<'a>(patterns: impl IntoIterator<Item = &'a str>) -> Self {
        let patterns = patterns.into_iter().filter(|pattern| !pattern.is_empty());
        let all = patterns.map(|text| match text.strip_prefix('!') {
            Some(text) => Pattern { is_taken_back: true, pattern: WildMatchPattern::new(text) },
            None => Pattern { is_taken_back: false, pattern: WildMatchPattern::new(text) },
        });
        Patterns { all: all.collect() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    pub(super) fn matches(&self, name: &str) -> bool {
        let only_takes_back = !self.all.is_empty() && self.all.iter().all(|pattern| pattern.is_taken_back);
        self.all.iter().fold(only_takes_back, |matches, pattern| {
            if pattern.pattern.matches(name) { !pattern.is_taken_back } else { matches }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Patterns;

    #[test]
    fn which_names_are_meant() {
        for (patterns, name, expected) in [
            (&[][..], "a", false),
            (&[""], "a", false),
            (&["*"], "a", true),
            (&["*types*"], "@types/node", true),
            (&["*eslint*", "*prettier*"], "eslint-x", true),
            (&["*eslint*", "*prettier*"], "left-pad", false),
            (&["a?"], "ab", false),
            (&["!a"], "a", false),
            (&["!a"], "b", true),
            (&["*", "!@s/*"], "@s/x", false),
            (&["*", "!@s/*"], "x", true),
            (&["!x", "*"], "x", true),
            (&["*", "!@s/*", "@s/y"], "@s/y", true),
        ] {
            assert_eq!(
                Patterns::new(patterns.iter().copied()).matches(name),
                expected,
                "{patterns:?} {name}"
            );
        }
    }
}
