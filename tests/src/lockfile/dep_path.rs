//! `DepPath`: the key of a snapshot.

use crate::package::{PackageId, PackageName};
use sha2::{Digest, Sha256};
use std::fmt::{self, Write as _};

/// The key of a snapshot: a package in one version, in the company of the peers it was resolved with, as in
/// `react-dom@18.2.0(react@18.2.0)`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DepPath {
    /// The package.
    pub id: PackageId,
    /// The suffix with its parentheses, or nothing.
    pub peers: String,
}

/// The longest name of a slot, in characters; pnpm's `virtual-store-dir-max-length` by default.
const LONGEST: usize = 120;

/// What a shortened name gives up for its hash: an underscore and the digits.
const HASH: usize = 33;

impl DepPath {
    /// Reads `name@version` with a suffix of any number of `(peer@version)`, each of which may have such a suffix too.
    ///
    /// ```
    /// use testbed::lockfile::DepPath;
    ///
    /// let path = DepPath::parse("a@1.0.0(@s/b@2.0.0(c@3.0.0))(d@4.0.0)").unwrap();
    /// assert_eq!(path.id.to_string(), "a@1.0.0");
    /// assert_eq!(path.directory(), "a@1.0.0_@s+b@2.0.0_c@3.0.0__d@4.0.0");
    /// ```
    ///
    /// # Errors
    ///
    /// If it is none, as a sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (id, peers) = text.split_at(text.find('(').unwrap_or(text.len()));
        let id = PackageId::parse(id)?;
        if !is_suffix(peers) {
            return Err(format!(
                "`{}` ends in no list of peers: expected `(name@version)`",
                text.escape_debug()
            ));
        }
        Ok(DepPath { id, peers: peers.to_owned() })
    }

    /// What a reference of a dependency is to: `1.2.3(peers)`, which has the alias as its name, or `other@1.2.3(peers)`.
    ///
    /// # Errors
    ///
    /// If it is neither, as a sentence.
    pub fn resolve(alias: &PackageName, reference: &str) -> Result<Self, String> {
        // The `@` of a version's peers comes after a parenthesis, and a version begins with a digit.
        if reference.starts_with(|first: char| first.is_ascii_digit()) {
            let own = &reference[..reference.find('(').unwrap_or(reference.len())];
            if !own.contains('@') {
                return Self::parse(&format!("{alias}@{reference}"));
            }
        }
        Self::parse(reference)
    }

    /// How a dependency of this alias refers to it: the inverse of [`DepPath::resolve`].
    pub fn reference(&self, alias: &PackageName) -> String {
        if *alias == self.id.name { format!("{}{}", self.id.version, self.peers) } else { self.to_string() }
    }

    /// The name of its slot in `node_modules/.pnpm`, as pnpm 10 has it (`depPathToFilename` in `@pnpm/dependency-path`):
    /// one component of a path, also on a file system that does not tell capitals from small letters.
    pub fn directory(&self) -> String {
        let mut name: String = self
            .to_string()
            .chars()
            .map(|c| {
                if matches!(c, '\\' | '/' | ':' | '*' | '?' | '"' | '<' | '>' | '|' | '#') { '+' } else { c }
            })
            .collect();
        if name.contains('(') {
            let open = name.strip_suffix(')').unwrap_or(&name);
            name = open.replace(")(", "_").replace(['(', ')'], "_");
        }
        if name.len() <= LONGEST && !name.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return name;
        }
        let mut short: String = name.chars().take(LONGEST - HASH).collect();
        short.push('_');
        for byte in Sha256::digest(&name).iter().take((HASH - 1) / 2) {
            let _ = write!(short, "{byte:02x}");
        }
        short
    }
}

/// Whether this is `(..)(..)`, nested or not, or nothing. It becomes part of the name of a directory: nothing but what can
/// be seen may be in it.
fn is_suffix(text: &str) -> bool {
    let mut depth = 0_usize;
    let mut last = ')';
    for c in text.chars() {
        match c {
            '(' => depth += 1,
            ')' if depth == 0 || last == '(' => return false,
            ')' => depth -= 1,
            _ if depth == 0 || !c.is_ascii_graphic() => return false,
            _ => {}
        }
        last = c;
    }
    depth == 0
}

impl fmt::Display for DepPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.id, self.peers)
    }
}

#[cfg(test)]
mod tests {
    use super::DepPath;

    #[test]
    fn a_reference_has_the_alias_as_its_name_or_its_own() {
        for (alias, reference, path) in [
            ("a", "1.0.0", "a@1.0.0"),
            ("@s/a", "1.0.0-rc.1+b", "@s/a@1.0.0-rc.1+b"),
            ("a", "1.0.0(b@2.0.0)", "a@1.0.0(b@2.0.0)"),
            ("old", "chalk@2.4.2", "chalk@2.4.2"),
            ("old", "@s/x@2.4.2(@s/y@1.0.0(z@1.0.0))", "@s/x@2.4.2(@s/y@1.0.0(z@1.0.0))"),
            ("old", "7zip@1.0.0", "7zip@1.0.0"),
        ] {
            let alias = alias.parse().unwrap();
            let resolved = DepPath::resolve(&alias, reference).unwrap();
            assert_eq!(resolved.to_string(), path);
            assert_eq!(resolved.reference(&alias), reference);
        }
    }

    #[test]
    fn what_is_no_key_of_a_snapshot() {
        for text in [
            "",
            "a",
            "a@",
            "@s/a",
            "a@1",
            "a@1.0.0(",
            "a@1.0.0()",
            "a@1.0.0)",
            "a@1.0.0(b@1.0.0",
            "a@1.0.0(b@1.0.0))",
            "a@1.0.0(b@1.0.0)c",
            "a@1.0.0(b c)",
            "a@1.0.0(b\0)",
            "../a@1.0.0",
            "a@link:../x",
            "a@https://example.com/a.tgz",
            "a@file:a",
        ] {
            assert!(DepPath::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_long_name_or_one_with_capitals_is_hashed() {
        // The names that pnpm gives are in the fixtures of tests/lockfile.rs.
        for (path, directory) in [
            ("a@1.0.0", "a@1.0.0"),
            ("@s/a@1.0.0", "@s+a@1.0.0"),
            ("a@1.0.0(b@1.0.0(c@1.0.0))", "a@1.0.0_b@1.0.0_c@1.0.0_"),
        ] {
            assert_eq!(DepPath::parse(path).unwrap().directory(), directory);
        }
        let long = DepPath::parse(&format!("{}@1.0.0", "a".repeat(200))).unwrap().directory();
        assert_eq!(long.len(), 120);
        assert!(DepPath::parse("A@1.0.0").unwrap().directory().starts_with("A@1.0.0_"));
    }
}
