//! `PackageName`: a name that npm would take, so that it can be part of a path and of a URL.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// The name of a package, `left-pad` or `@scope/name`, checked when it is made.
///
/// The rules are npm's for old packages (<https://github.com/npm/validate-npm-package-name>): at most 214 characters
/// that need no escape in a URL and mean nothing to a lockfile, no leading `.`, not `node_modules` and not `favicon.ico`. Capitals are allowed, as some
/// old packages have them. So a name is one component of a path, or two where it has a scope.
///
/// ```
/// use testbed::package::PackageName;
///
/// let name: PackageName = "@types/node".parse().unwrap();
/// assert_eq!((name.scope(), name.bare()), (Some("types"), "node"));
/// assert!("../evil".parse::<PackageName>().is_err());
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackageName(Arc<str>);

/// Why a text is not the name of a package.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is no package name: {why}", text.escape_debug())]
pub struct InvalidName {
    text: String,
    why: &'static str,
}

impl PackageName {
    /// The whole name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The scope without its `@`, of a scoped name.
    pub fn scope(&self) -> Option<&str> {
        self.0.strip_prefix('@')?.split_once('/').map(|(scope, _)| scope)
    }

    /// The name without the scope.
    pub fn bare(&self) -> &str {
        self.0.rsplit_once('/').map_or(&self.0, |(_, bare)| bare)
    }
}

impl FromStr for PackageName {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        match fault(text) {
            None => Ok(PackageName(text.into())),
            Some(why) => Err(InvalidName { text: text.into(), why }),
        }
    }
}

fn fault(text: &str) -> Option<&'static str> {
    if text.len() > 214 {
        return Some("it is longer than 214 characters");
    }
    let parts = match text.strip_prefix('@') {
        None => vec![text],
        Some(scoped) => match scoped.split_once('/') {
            Some((scope, bare)) => vec![scope, bare],
            None => return Some("a scope is followed by `/` and a name"),
        },
    };
    parts.into_iter().find_map(|part| {
        if part.is_empty() {
            return Some("it is empty, or a part of it is");
        }
        if part.starts_with('.') {
            return Some("it begins with a dot");
        }
        if part.eq_ignore_ascii_case("node_modules") || part.eq_ignore_ascii_case("favicon.ico") {
            return Some("the name is reserved");
        }
        let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
        (!part.bytes().all(is_safe)).then_some("expected letters, digits, `-`, `_` and `.`")
    })
}

impl fmt::Display for PackageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for PackageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

impl Serialize for PackageName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for PackageName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::PackageName;

    #[test]
    fn what_is_a_name_and_what_is_not() {
        for good in ["left-pad", "@types/node", "JSONStream", "lodash.merge", "@a/b.c_d~e", "_", "x.js"] {
            assert!(good.parse::<PackageName>().is_ok(), "{good}");
        }
        let long = "a".repeat(215);
        for bad in [
            "",
            ".",
            "..",
            ".hidden",
            "../up",
            "a/b",
            "/root",
            "@scope",
            "@/x",
            "@x/",
            "@x/../y",
            "a\\b",
            "C:x",
            "node_modules",
            "Node_Modules",
            "a b",
            "a\0b",
            "a%2fb",
            "ä",
            "@a/b/c",
            "a:b",
            "a?b",
            "a(b)",
            "a#b",
            &long,
        ] {
            assert!(bad.parse::<PackageName>().is_err(), "{bad}");
        }
    }
}
