//! `Choices`: the versions of a package, in order.

use super::published::Published;
use super::specifier::Wanted;
use crate::package::{PackageId, PackageName};
use crate::registry::Packument;
use nodejs_semver::Version;
use std::sync::Arc;

/// The versions of a package, the highest last.
pub(super) struct Choices {
    packument: Arc<Packument>,
    versions: Vec<Version>,
}

impl Choices {
    /// Those of a packument. What is no version, or not written as one, cannot be asked for and is left out.
    pub(super) fn of(packument: Arc<Packument>) -> Self {
        let parse = |text: &String| Version::parse(text).ok().filter(|version| version.to_string() == *text);
        let mut versions: Vec<Version> = packument.versions.keys().filter_map(parse).collect();
        versions.sort();
        Choices { packument, versions }
    }

    /// The highest version that will do. A prerelease does only if the range names one of the same version, or if any will
    /// do and there is nothing else.
    pub(super) fn pick(&self, wanted: &Wanted) -> Option<&Version> {
        let highest =
            |will_do: &dyn Fn(&Version) -> bool| self.versions.iter().rfind(|version| will_do(version));
        match wanted {
            Wanted::Any => highest(&|version| !version.is_prerelease()).or_else(|| self.versions.last()),
            Wanted::Range(range) => highest(&|version| range.satisfies(version)),
            Wanted::Tag(tag) => {
                let tagged = self.packument.dist_tags.get(tag)?;
                highest(&|version| version.to_string() == *tagged)
            }
        }
    }

    /// What the registry says of a version, or as a sentence what is wrong with it.
    pub(super) fn published(&self, name: &PackageName, version: &Version) -> Result<Published, String> {
        let id = PackageId { name: name.clone(), version: version.clone() };
        let raw = self.packument.versions.get(&version.to_string()).ok_or("there is no such version")?;
        Published::parse(id, raw)
    }

    /// What there is, in a few words for a message.
    pub(super) fn summary(&self) -> String {
        match (self.versions.as_slice(), self.packument.dist_tags.keys().next()) {
            ([], _) => "it has no versions".to_owned(),
            ([only], _) => format!("its only version is {only}"),
            ([.., last], None) => format!("the highest of its {} versions is {last}", self.versions.len()),
            ([.., last], Some(_)) => {
                let tags: Vec<&str> = self.packument.dist_tags.keys().take(5).map(String::as_str).collect();
                let count = self.versions.len();
                format!("the highest of its {count} versions is {last}, its tags are {}", tags.join(", "))
            }
        }
    }
}
