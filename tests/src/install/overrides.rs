//! `Overrides`: what pnpm's overrides make of what a project asks for (<https://pnpm.io/settings#overrides>).

use crate::package::ProjectManifest;
use nodejs_semver::Range;
use std::collections::BTreeMap;

/// The overrides that a lockfile was written with: each selector, and what is asked for in its place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Overrides<'a> {
    all: &'a BTreeMap<String, String>,
    /// The name of the project, for `parent>dependency`.
    project: Option<&'a str>,
}

/// `[parent>]name[@range]`.
#[derive(Debug, PartialEq, Eq)]
struct Selector<'a> {
    parent: Option<&'a str>,
    name: &'a str,
    range: Option<&'a str>,
}

/// What takes a dependency away.
const REMOVED: &str = "-";

impl<'a> Overrides<'a> {
    pub(super) fn new(all: &'a BTreeMap<String, String>, project: Option<&'a str>) -> Self {
        Overrides { all, project }
    }

    /// Whether `locked` is what a lockfile has where the project asks for `specifier`; nothing is locked of what is removed.
    pub(super) fn lead_to(self, name: &str, specifier: &str, locked: Option<&str>) -> bool {
        let of_it = self.all.iter().filter(|(selector, _)| {
            let selector = Selector::parse(selector);
            selector.name == name
                && selector.parent.is_none_or(|parent| Some(name_of(parent).0) == self.project)
                && selector.range.is_none_or(|range| may_be_of(range, specifier))
        });
        let mut values =
            of_it.map(|(_, value)| Some(value.as_str()).filter(|value| *value != REMOVED)).peekable();
        // Of several pnpm takes the most specific one. Each of them was in force when the lockfile was written.
        if values.peek().is_none() { locked == Some(specifier) } else { values.any(|value| value == locked) }
    }
}

impl<'a> Selector<'a> {
    fn parse(text: &'a str) -> Self {
        // A `>` after one of these is part of a range.
        let is_of_range = |before: char| matches!(before, ' ' | '|' | '@');
        let arrow = text.char_indices().zip(text.char_indices().skip(1));
        let arrow = arrow.into_iter().find(|((_, before), (_, c))| *c == '>' && !is_of_range(*before));
        let (parent, child) = match arrow {
            Some((_, (at, _))) => (Some(&text[..at]), &text[at + 1..]),
            None => (None, text),
        };
        let (name, range) = name_of(child);
        Selector { parent, name, range }
    }
}

/// The name and the range of `name@range`. The first character may be the `@` of a scope.
fn name_of(text: &str) -> (&str, Option<&str>) {
    match text.char_indices().skip(1).find(|(_, c)| *c == '@') {
        Some((at, _)) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    }
}

/// Whether a version may be of both, as pnpm asks.
fn may_be_of(range: &str, specifier: &str) -> bool {
    let ranges = || Some((Range::parse(range).ok()?, Range::parse(specifier).ok()?));
    range == specifier || ranges().is_some_and(|(range, specifier)| range.allows_any(&specifier))
}

/// The overrides of settings, where `$name` stands for what the root's `package.json` asks for. `None` if that cannot be said here.
pub(super) fn resolved(
    set: &BTreeMap<String, String>,
    root: &ProjectManifest,
) -> Option<BTreeMap<String, String>> {
    let resolve = |value: &String| match value.strip_prefix('$') {
        Some(name) => [&root.optional_dependencies, &root.dependencies, &root.dev_dependencies]
            .into_iter()
            .find_map(|section| section.get(name))
            .cloned(),
        // Catalogs are in other settings.
        None => Some(value.clone()).filter(|value| !value.starts_with("catalog:")),
    };
    set.iter().map(|(selector, value)| Some((selector.clone(), resolve(value)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::{Overrides, Selector};
    use std::collections::BTreeMap;

    #[test]
    fn a_selector_has_three_parts() {
        for (text, parent, name, range) in [
            ("a", None, "a", None),
            ("@s/a", None, "@s/a", None),
            ("a@^1", None, "a", Some("^1")),
            ("@s/a@>=1 <2", None, "@s/a", Some(">=1 <2")),
            ("a@<1 || >3", None, "a", Some("<1 || >3")),
            ("a>b", Some("a"), "b", None),
            ("a@1>@s/b@>2", Some("a@1"), "@s/b", Some(">2")),
        ] {
            assert_eq!(Selector::parse(text), Selector { parent, name, range }, "{text}");
        }
    }

    /// As pnpm 10.34 wrote the lockfiles of these projects.
    #[test]
    fn what_is_locked_is_what_the_overrides_lead_to() {
        for (overrides, name, specifier, locked, is_current) in [
            (&[][..], "a", "^1", Some("^1"), true),
            (&[], "a", "^1", Some("^2"), false),
            (&[("a", "6.0.0")], "a", "^7.0.0", Some("6.0.0"), true),
            (&[("a", "6.0.0")], "a", "^7.0.0", Some("^7.0.0"), false),
            (&[("b", "6.0.0")], "a", "^7.0.0", Some("^7.0.0"), true),
            (&[("a@^1", "1.2.0")], "a", "1.3.0", Some("1.2.0"), true),
            (&[("a@^1", "1.2.0")], "a", "1.3.0", Some("1.3.0"), false),
            (&[("a@^2", "1.2.0")], "a", "1.3.0", Some("1.3.0"), true),
            (&[("a@^2", "1.2.0")], "a", "1.3.0", Some("1.2.0"), false),
            (&[("root>a", "2")], "a", "1", Some("2"), true),
            (&[("other>a", "2")], "a", "1", Some("1"), true),
            (&[("a", "-")], "a", "1", None, true),
            (&[("a", "-")], "a", "1", Some("1"), false),
            (&[("a", "1"), ("a@^2", "2.1.0")], "a", "^2.0.0", Some("2.1.0"), true),
        ] {
            let all: BTreeMap<String, String> =
                overrides.iter().map(|(selector, value)| ((*selector).into(), (*value).into())).collect();
            let found = Overrides::new(&all, Some("root")).lead_to(name, specifier, locked);
            assert_eq!(found, is_current, "{overrides:?} {specifier} {locked:?}");
        }
    }
}
