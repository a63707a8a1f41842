//! `Published`: a version of a package that a resolution may use.

use crate::lockfile::parse_integrity;
use crate::package::{Bin, OneOrMany, PackageId, PeerMeta, VersionManifest};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// A version of a package as it was published, with what an installer can rely on.
#[derive(Clone, Debug)]
pub(super) struct Published {
    pub(super) id: PackageId,
    pub(super) manifest: VersionManifest,
    /// Whether it brings some of its dependencies along, which are then not resolved: their names, or `true` for all.
    pub(super) bundled: Option<Value>,
}

/// Which dependencies are in the tarball. npm takes both spellings.
#[derive(Deserialize)]
struct Bundle {
    #[serde(rename = "bundleDependencies", alias = "bundledDependencies")]
    names: Option<Value>,
}

impl Published {
    /// Reads what a registry says of a version.
    pub(super) fn parse(id: PackageId, raw: &RawValue) -> Result<Self, String> {
        let manifest =
            serde_json::from_str(raw.get()).or_else(|_| tidy(raw)).map_err(|error| error.to_string())?;
        let VersionManifest { name, version, .. } = &manifest;
        if *name != id.name || *version != id.version.to_string() {
            return Err(format!("it says to be `{name}@{}`", version.escape_debug()));
        }
        if !matches!(manifest.dist.tarball.scheme(), "http" | "https") {
            return Err(format!(
                "its tarball is at `{}`, expected `http:` or `https:`",
                manifest.dist.tarball
            ));
        }
        let bundled = if raw.get().contains("\"bundle") {
            serde_json::from_str::<Bundle>(raw.get()).ok().and_then(|bundle| bundle.names)
        } else {
            None
        };
        let bundled = bundled.filter(|names| {
            *names == Value::Bool(true) || names.as_array().is_some_and(|list| !list.is_empty())
        });
        Ok(Published { id, manifest, bundled })
    }

    /// `sha512-..`, or as a sentence why there is none.
    pub(super) fn integrity(&self) -> Result<&str, String> {
        let text = self.manifest.dist.integrity.as_deref().ok_or("there is none")?;
        parse_integrity(text).map(|_| text)
    }

    /// What it is linked to: alias, specifier, and whether it can do without. An optional dependency is also in
    /// `dependencies`; a bundled one is in the tarball.
    pub(super) fn dependencies(&self) -> BTreeMap<&str, (&str, bool)> {
        let mut all: BTreeMap<&str, (&str, bool)> = BTreeMap::new();
        for (list, optional) in
            [(&self.manifest.dependencies, false), (&self.manifest.optional_dependencies, true)]
        {
            all.extend(list.iter().map(|(alias, text)| (alias.as_str(), (text.as_str(), optional))));
        }
        match &self.bundled {
            Some(Value::Array(names)) => all.retain(|alias, _| !names.iter().any(|name| name == alias)),
            Some(_) => all.clear(),
            None => {}
        }
        all
    }

    /// The peers: name to range, and whether it can do without. What it depends on itself is none, nor is it itself.
    pub(super) fn peers(&self) -> BTreeMap<&str, (&str, bool)> {
        let manifest = &self.manifest;
        let is_optional =
            |name: &str| manifest.peer_dependencies_meta.get(name).is_some_and(|meta| meta.optional);
        let named = manifest.peer_dependencies.iter();
        let mut all: BTreeMap<&str, (&str, bool)> =
            named.map(|(name, range)| (name.as_str(), (range.as_str(), is_optional(name)))).collect();
        for (name, PeerMeta { optional }) in &manifest.peer_dependencies_meta {
            if *optional {
                all.entry(name).or_insert(("*", true));
            }
        }
        let own: BTreeSet<&str> = manifest
            .dependencies
            .keys()
            .chain(manifest.optional_dependencies.keys())
            .map(String::as_str)
            .collect();
        all.retain(|name, _| !own.contains(name) && *name != self.id.name.as_str());
        all
    }

    /// Whether it has commands.
    pub(super) fn has_bin(&self) -> bool {
        match &self.manifest.bin {
            None => self.manifest.directories.as_ref().is_some_and(|named| named["bin"].is_string()),
            Some(Bin::One(file)) => !file.is_empty(),
            Some(Bin::Many(commands)) => !commands.is_empty(),
        }
    }
}

/// Another try, without the parts that an old package may have in a shape that nobody reads: lists of engines, `null` for a
/// range, and the like.
fn tidy(raw: &RawValue) -> serde_json::Result<VersionManifest> {
    let mut manifest: Map<String, Value> = serde_json::from_str(raw.get())?;
    for key in ["dependencies", "optionalDependencies", "peerDependencies", "engines"] {
        keep(&mut manifest, key, Value::is_string);
    }
    keep(&mut manifest, "peerDependenciesMeta", |value| value["optional"].is_boolean());
    for key in ["os", "cpu", "libc"] {
        manifest.retain(|name, value| name != key || OneOrMany::deserialize(&*value).is_ok());
    }
    if !manifest.get("bin").is_some_and(Value::is_string) {
        keep(&mut manifest, "bin", Value::is_string);
    }
    manifest.retain(|name, value| name != "hasInstallScript" || value.is_boolean());
    serde_json::from_value(Value::Object(manifest))
}

/// Leaves in a map what is good, and takes away what is no map.
fn keep(manifest: &mut Map<String, Value>, key: &str, is_good: impl Fn(&Value) -> bool) {
    match manifest.get_mut(key) {
        Some(Value::Object(map)) => map.retain(|_, value| is_good(value)),
        _ => {
            manifest.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{PackageId, Published};
    use serde_json::value::RawValue;

    fn parse(more: &str) -> Result<Published, String> {
        let text = format!(
            r#"{{"name":"a","version":"1.0.0","dist":{{"tarball":"https://x.test/a/-/a-1.0.0.tgz"}}{more}}}"#
        );
        Published::parse(PackageId::parse("a@1.0.0").unwrap(), &RawValue::from_string(text).unwrap())
    }

    #[test]
    fn old_packages_are_full_of_surprises() {
        for more in [
            r#","engines":["node >= 0.8"]"#,
            r#","engines":"node""#,
            r#","dependencies":[]"#,
            r#","dependencies":{"b":null}"#,
            r#","bin":null,"os":null,"cpu":{}"#,
            r#","bin":{"a":false}"#,
            r#","bin":"","directories":{"bin":"b"}"#,
            r#","directories":"lib""#,
            r#","peerDependenciesMeta":{"b":null}"#,
            r#","hasInstallScript":"yes""#,
        ] {
            let published = parse(more).unwrap_or_else(|error| panic!("{more}: {error}"));
            assert!(
                published.dependencies().is_empty() && published.peers().is_empty() && !published.has_bin()
            );
        }
        for more in [r#","bin":"a.js""#, r#","bin":{"a":"b"}"#, r#","directories":{"bin":"b"}"#] {
            assert!(parse(more).unwrap().has_bin(), "{more}");
        }
        assert!(parse(r#","name":"b""#).is_err());
    }

    #[test]
    fn what_is_bundled_or_its_own_is_not_asked_for() {
        let list = |more: &str| {
            parse(more).unwrap().dependencies().into_keys().map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(list(r#","dependencies":{"b":"1","c":"1"},"bundleDependencies":["b"]"#), ["c"]);
        assert_eq!(list(r#","dependencies":{"b":"1"},"bundledDependencies":true"#), [""; 0]);
        assert_eq!(list(r#","dependencies":{"b":"1"},"bundleDependencies":false"#), ["b"]);
        let both = parse(r#","dependencies":{"b":"1"},"optionalDependencies":{"b":"2"}"#).unwrap();
        assert_eq!(both.dependencies()["b"], ("2", true));

        let peers = parse(
            r#","dependencies":{"b":"1"},"peerDependencies":{"a":"1","b":"1","c":"1","d":"2"},
               "peerDependenciesMeta":{"d":{"optional":true},"e":{"optional":true},"f":{}}"#,
        )
        .unwrap();
        let peers: Vec<_> = peers.peers().into_iter().collect();
        assert_eq!(peers, [("c", ("1", false)), ("d", ("2", true)), ("e", ("*", true))]);
    }
}
