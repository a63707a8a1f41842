//! `ResolvedPackage`: what a resolution found, as soon as it is found.

use crate::lockfile::parse_integrity;
use crate::package::PackageId;
use serde::{Deserialize, Serialize};
use url::Url;

/// A package in one version that will be needed, so that its tarball can be fetched before the resolution ends.
///
/// ```
/// use testbed::resolver::ResolvedPackage;
///
/// let text = format!(
///     r#"{{"id":"a@1.0.0","tarball":"https://example.com/a-1.0.0.tgz","integrity":"sha512-{}==","optional":false}}"#,
///     "A".repeat(86)
/// );
/// let package: ResolvedPackage = serde_json::from_str(&text).unwrap();
/// assert_eq!(package.id.name.as_str(), "a");
/// assert_eq!(serde_json::to_string(&package).unwrap(), text);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Wire", into = "Wire")]
pub struct ResolvedPackage {
    /// Which it is.
    pub id: PackageId,
    /// Where its tarball is, by `http:` or `https:`.
    pub tarball: Url,
    /// What it hashes to, with a SHA-512.
    pub integrity: String,
    /// Whether only optional dependencies lead to it, as far as is known.
    pub optional: bool,
}

/// The same as texts.
#[derive(Serialize, Deserialize)]
struct Wire {
    id: String,
    tarball: Url,
    integrity: String,
    optional: bool,
}

impl From<ResolvedPackage> for Wire {
    fn from(package: ResolvedPackage) -> Self {
        let ResolvedPackage { id, tarball, integrity, optional } = package;
        Wire { id: id.to_string(), tarball, integrity, optional }
    }
}

impl TryFrom<Wire> for ResolvedPackage {
    type Error = String;

    fn try_from(wire: Wire) -> Result<Self, String> {
        let id = PackageId::parse(&wire.id)?;
        if !matches!(wire.tarball.scheme(), "http" | "https") {
            return Err(format!(
                "the tarball of `{id}` is at `{}`, expected `http:` or `https:`",
                wire.tarball
            ));
        }
        parse_integrity(&wire.integrity).map_err(|why| format!("of `{id}`, {why}"))?;
        Ok(ResolvedPackage { id, tarball: wire.tarball, integrity: wire.integrity, optional: wire.optional })
    }
}
