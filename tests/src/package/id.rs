//! `PackageId`: a package in one version.

use super::PackageName;
use nodejs_semver::Version;
use std::fmt;

/// A package in one version, as in the `packages` of a lockfile: `name@1.2.3`.
///
/// ```
/// use testbed::package::PackageId;
///
/// let id = PackageId::parse("@types/node@22.1.0").unwrap();
/// assert_eq!((id.name.as_str(), id.to_string().as_str()), ("@types/node", "@types/node@22.1.0"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackageId {
    /// Its name.
    pub name: PackageName,
    /// Its version. It prints as it was read, and is safe as a part of a path.
    pub version: Version,
}

impl PackageId {
    /// Reads `name@version`. The version is a whole one, as in `1.2.3` or `1.2.3-beta.1+build`.
    ///
    /// # Errors
    ///
    /// If the name is no package name, or what follows its `@` no version, as a sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let at = text.rfind('@').filter(|at| *at > 0);
        let Some((name, version)) = at.map(|at| (&text[..at], &text[at + 1..])) else {
            return Err(format!("`{text}` has no version: expected `name@version`"));
        };
        let name = name.parse().map_err(|error| format!("{error}"))?;
        let parsed =
            Version::parse(version).map_err(|error| format!("`{version}` is no version: {error}"))?;
        if parsed.to_string() != version {
            return Err(format!("`{version}` is no version: expected one like `{parsed}`"));
        }
        Ok(PackageId { name, version: parsed })
    }
}

impl fmt::Display for PackageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.name, self.version)
    }
}
