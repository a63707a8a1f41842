//! `Specifier`: what a dependency asks for.

use crate::package::{InvalidName, PackageName};
use nodejs_semver::Range;

/// What a dependency asks for, of a registry.
#[derive(Clone, Debug)]
pub(super) struct Specifier {
    /// The package, which under an alias is not the name of the dependency.
    pub(super) name: PackageName,
    /// Which of its versions.
    pub(super) wanted: Wanted,
    /// As it is written.
    pub(super) text: String,
}

/// Which versions of a package will do.
#[derive(Clone, Debug)]
pub(super) enum Wanted {
    /// Any.
    Any,
    /// Those of a range.
    Range(Range),
    /// The one that has this tag.
    Tag(String),
}

/// Why a specifier is none of a registry.
#[derive(Debug)]
pub(super) enum NotOfRegistry {
    /// It names another place: a directory, a repository, ..
    Place,
    /// The package behind `npm:` has a name that is none.
    Name(InvalidName),
}

impl Specifier {
    /// Reads the specifier of a dependency: a range, a tag, or `npm:name@` and one of the two.
    pub(super) fn parse(alias: &PackageName, text: &str) -> Result<Self, NotOfRegistry> {
        let (name, range) = match text.trim().strip_prefix("npm:") {
            None => (alias.clone(), text.trim()),
            Some(target) => {
                // The first character may be the `@` of a scope.
                let at = target.char_indices().skip(1).find(|(_, c)| *c == '@').map(|(at, _)| at);
                let (name, range) = at.map_or((target, ""), |at| (&target[..at], &target[at + 1..]));
                (name.parse().map_err(NotOfRegistry::Name)?, range.trim())
            }
        };
        // Neither a range nor a tag has one of these; a place has.
        if range.contains([':', '/', '\\', '#', '@']) {
            return Err(NotOfRegistry::Place);
        }
        let wanted = match Range::parse(range) {
            _ if matches!(range, "" | "*" | "x" | "X") => Wanted::Any,
            Ok(range) => Wanted::Range(range),
            Err(_) => Wanted::Tag(range.to_owned()),
        };
        Ok(Specifier { name, wanted, text: text.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::{NotOfRegistry, Specifier, Wanted};
    use nodejs_semver::Version;

    fn parse(text: &str) -> Result<Specifier, NotOfRegistry> {
        Specifier::parse(&"alias".parse().unwrap(), text)
    }

    #[test]
    fn ranges_tags_and_aliases() {
        for (text, name, good, bad) in [
            ("^1.2.3", "alias", "1.9.0", "2.0.0"),
            ("~1.2", "alias", "1.2.9", "1.3.0"),
            ("1.x", "alias", "1.9.0", "2.0.0"),
            ("1", "alias", "1.9.0", "2.0.0"),
            ("=1.2.3", "alias", "1.2.3", "1.2.4"),
            ("v1.2.3", "alias", "1.2.3", "1.2.4"),
            ("1.0.0-rc.1", "alias", "1.0.0-rc.1", "1.0.0"),
            (">= 1.0.0 < 2", "alias", "1.5.0", "2.0.0"),
            ("^1.0.0 || ^3.0.0", "alias", "3.1.0", "2.0.0"),
            ("1.0.0 - 2.9.9", "alias", "2.0.0", "3.0.0"),
            (">=1.0.0-rc.1 <2", "alias", "1.0.0-rc.2", "2.0.0"),
            (" ^1.0.0 ", "alias", "1.0.0", "2.0.0"),
            ("^0.0.3", "alias", "0.0.3", "0.0.4"),
            ("npm:other@^2.0.0", "other", "2.1.0", "1.0.0"),
            ("npm:@s/other@2", "@s/other", "2.1.0", "1.0.0"),
        ] {
            let specifier = parse(text).unwrap();
            assert_eq!(specifier.name.as_str(), name, "{text}");
            let Wanted::Range(range) = specifier.wanted else { panic!("{text}: {:?}", specifier.wanted) };
            assert!(range.satisfies(&Version::parse(good).unwrap()), "{text} {good}");
            assert!(!range.satisfies(&Version::parse(bad).unwrap()), "{text} {bad}");
        }
        for (text, tag) in
            [("latest", "latest"), ("next", "next"), ("npm:other@beta", "beta"), ("rc-1", "rc-1")]
        {
            assert!(matches!(parse(text).unwrap().wanted, Wanted::Tag(found) if found == tag), "{text}");
        }
        for text in ["", "*", "x", "npm:other", "npm:@s/other", "npm:other@*"] {
            assert!(matches!(parse(text).unwrap().wanted, Wanted::Any), "{text}");
        }
    }

    #[test]
    fn places() {
        for text in [
            "git+https://example.com/a.git",
            "github:a/b",
            "a/b",
            "file:../a",
            "link:../a",
            "workspace:*",
            "catalog:",
            "https://example.com/a.tgz",
            "jsr:@a/b@1",
            "npm:a@file:b",
        ] {
            assert!(matches!(parse(text), Err(NotOfRegistry::Place)), "{text}");
        }
        assert!(matches!(parse("npm:../up@1"), Err(NotOfRegistry::Name(_))));
    }
}
