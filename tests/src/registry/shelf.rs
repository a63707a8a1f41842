//! `Shelf`: the packages that a registry has.

use super::history::older_versions;
use crate::package::{PackageName, VersionManifest};
use bytes::Bytes;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use url::Url;

/// The packages that a registry has.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    packages: BTreeMap<PackageName, Shelved>,
    /// By their path: `name/-/bare-1.2.3.tgz`.
    tarballs: HashMap<String, Bytes>,
}

#[derive(Debug, Default)]
struct Shelved {
    latest: String,
    versions: Vec<VersionManifest>,
    /// The bytes of the older versions that are told of and cannot be had. They are made when they are asked for.
    history: usize,
}

impl Shelf {
    /// Adds a version. The last one of a package is its `latest`. One without a tarball is told of, and cannot be had.
    pub(super) fn add(&mut self, manifest: VersionManifest, tarball: Option<Bytes>) {
        if let Some(tarball) = tarball {
            self.tarballs.insert(tarball_path(&manifest.name, &manifest.version), tarball);
        }
        let package = self.packages.entry(manifest.name.clone()).or_default();
        package.latest.clone_from(&manifest.version);
        package.versions.push(manifest);
    }

    /// Gives a package a history of so many bytes.
    pub(super) fn add_history(&mut self, name: &PackageName, bytes: usize) {
        self.packages.entry(name.clone()).or_default().history = bytes;
    }

    /// How many packages there are.
    pub(super) fn len(&self) -> usize {
        self.packages.len()
    }

    pub(super) fn tarball(&self, path: &str) -> Option<Bytes> {
        self.tarballs.get(path).cloned()
    }

    /// The packument of a package, for clients who know the registry by this URL.
    pub(super) fn packument(&self, name: &PackageName, base: &Url) -> Option<Bytes> {
        let package = self.packages.get(name)?;
        let mut versions: BTreeMap<String, Value> = BTreeMap::new();
        if let Some(latest) = package.versions.last() {
            versions
                .extend(older_versions(latest, package.history, |version| tarball_url(name, version, base)));
        }
        for known in &package.versions {
            let mut manifest = known.clone();
            manifest.dist.tarball = tarball_url(name, &known.version, base);
            versions.insert(known.version.clone(), json!(manifest));
        }
        let packument =
            json!({ "name": name, "dist-tags": { "latest": package.latest }, "versions": versions });
        Some(packument.to_string().into())
    }
}

/// Where a tarball is, for clients who know the registry by this URL.
fn tarball_url(name: &PackageName, version: &str, base: &Url) -> Url {
    base.join(&tarball_path(name, version)).unwrap_or_else(|_| base.clone())
}

/// Where a registry has a tarball.
fn tarball_path(name: &PackageName, version: &str) -> String {
    format!("{name}/-/{}-{version}.tgz", name.bare())
}
