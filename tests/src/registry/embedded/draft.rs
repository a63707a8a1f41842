//! `Draft`: a package before it is packed.

use super::content::{self, Content, RATIO};
use super::shape::Shape;
use crate::package::{Bin, Dist, OneOrMany, PackageName, VersionManifest};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use ssri::{Algorithm, IntegrityOpts};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use url::Url;

/// A platform that nothing runs on.
pub(super) const OTHER_OS: &str = "nonexistent-os";

/// A package before it is packed.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a thing of its own")]
pub(super) struct Draft {
    pub(super) name: PackageName,
    pub(super) version: String,
    /// Of what is random in it.
    pub(super) seed: u64,
    pub(super) shape: Shape,
    /// The names of what it needs; the range is that of each.
    pub(super) dependencies: BTreeSet<String>,
    /// The names of what it can do without.
    pub(super) optional: BTreeSet<String>,
    /// Name to range.
    pub(super) ranges: BTreeMap<String, String>,
    /// Name to range.
    pub(super) peers: BTreeMap<String, String>,
    pub(super) has_bin: bool,
    pub(super) is_root: bool,
    /// Only optional dependencies lead to it.
    pub(super) is_optional: bool,
    /// It is for a platform that nothing runs on.
    pub(super) is_for_others: bool,
    /// Its tarball can be had.
    pub(super) is_published: bool,
}

impl Draft {
    pub(super) fn new(name: PackageName, version: String, seed: u64) -> Self {
        Draft {
            name,
            version,
            seed,
            shape: Shape { tarball: 2_000, files: 3, packument: 2_000 },
            dependencies: BTreeSet::new(),
            optional: BTreeSet::new(),
            ranges: BTreeMap::new(),
            peers: BTreeMap::new(),
            has_bin: false,
            is_root: false,
            is_optional: false,
            is_for_others: false,
            is_published: true,
        }
    }

    pub(super) fn id(&self) -> String {
        format!("{}@{}", self.name, self.version)
    }

    /// What whoever depends on it asks for.
    pub(super) fn range(&self) -> String {
        let major = self.version.split('.').next().unwrap_or("1");
        format!("^{major}.0.0")
    }

    pub(super) fn depend_on(&mut self, other: &Draft) {
        self.ranges.insert(other.name.to_string(), other.range());
        if other.is_optional { &mut self.optional } else { &mut self.dependencies }
            .insert(other.name.to_string());
    }

    /// Versions that are only told of, the version itself, and its tarball.
    pub(super) fn build(&self, content: &Content) -> (Vec<VersionManifest>, VersionManifest, Bytes) {
        let tarball = Bytes::from(self.pack(content));
        let integrity = IntegrityOpts::new().algorithm(Algorithm::Sha512).chain(&tarball).result();
        let manifest = self.manifest(&self.version, &integrity.to_string());
        // A resolver must not take the first that satisfies, nor the highest that does not.
        let major: u32 = self.version.split('.').next().and_then(|major| major.parse().ok()).unwrap_or(1);
        let others = [format!("{major}.0.0"), format!("{}.0.0-beta.1", major + 1)];
        let older = others.iter().filter(|other| **other != self.version);
        (older.map(|version| self.manifest(version, &integrity.to_string())).collect(), manifest, tarball)
    }

    fn section(&self, names: &BTreeSet<String>) -> BTreeMap<String, String> {
        names.iter().map(|name| (name.clone(), self.ranges.get(name).cloned().unwrap_or_default())).collect()
    }

    fn manifest(&self, version: &str, integrity: &str) -> VersionManifest {
        VersionManifest {
            name: self.name.clone(),
            version: version.into(),
            // As npm's registry has it: the optional ones are among the others too.
            dependencies: self.section(&self.dependencies.union(&self.optional).cloned().collect()),
            optional_dependencies: self.section(&self.optional),
            peer_dependencies: self.peers.clone(),
            peer_dependencies_meta: BTreeMap::new(),
            bin: self
                .has_bin
                .then(|| Bin::Many(BTreeMap::from([(self.name.bare().into(), "./cli.js".into())]))),
            directories: None,
            engines: BTreeMap::new(),
            os: if self.is_for_others {
                OneOrMany::Many(vec![OTHER_OS.into()])
            } else {
                OneOrMany::default()
            },
            cpu: OneOrMany::default(),
            libc: OneOrMany::default(),
            deprecated: None,
            has_install_script: None,
            dist: Dist {
                tarball: Url::parse("http://localhost/").expect("it is a URL, put in when it is served"),
                integrity: Some(integrity.into()),
                file_count: None,
                unpacked_size: None,
            },
        }
    }

    /// Its tarball, as `npm pack` makes one.
    fn pack(&self, content: &Content) -> Vec<u8> {
        let mut random = ChaCha8Rng::seed_from_u64(self.seed);
        let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::new(1)));
        let mut add = |path: &str, mode: u32, bytes: &[u8]| {
            let mut header = tar::Header::new_ustar();
            header.set_size(bytes.len() as u64);
            header.set_mode(mode);
            header.set_mtime(499_162_500); // npm's own: 1985-10-26
            archive.append_data(&mut header, format!("package/{path}"), bytes).expect("memory takes it");
        };
        let manifest = serde_json::json!({
            "name": self.name,
            "version": self.version,
            "main": "index.js",
            "bin": self.has_bin.then(|| BTreeMap::from([(self.name.bare(), "./cli.js")])),
            "dependencies": self.section(&self.dependencies),
            "optionalDependencies": self.section(&self.optional),
            "peerDependencies": self.peers,
        });
        add("package.json", 0o644, format!("{manifest:#}\n").as_bytes());
        add("index.js", 0o644, self.index().as_bytes());
        if self.has_bin {
            add("cli.js", 0o755, b"#!/usr/bin/env node\nconsole.log(require('./index.js').name)\n");
        }
        let rest = self.shape.files.saturating_sub(2 + usize::from(self.has_bin));
        if rest > 0 {
            add("LICENSE", 0o644, &content::license(usize::try_from(self.seed % 4).unwrap_or(0)));
        }
        let scripts = rest.saturating_sub(1);
        for number in 0..scripts {
            let bytes = self.shape.tarball * RATIO / scripts;
            let dir = ["lib", "dist", "src/internal"][number % 3];
            add(&format!("{dir}/part-{number}.js"), 0o644, &content.script(bytes, &mut random));
        }
        archive.into_inner().and_then(GzEncoder::finish).expect("memory takes it")
    }

    /// What it exports: its name, and what it could load.
    fn index(&self) -> String {
        let mut index = String::from("'use strict'\nconst deps = []\n");
        for name in self.dependencies.iter().chain(self.peers.keys()) {
            let _ = writeln!(index, "deps.push(require('{name}').name)");
        }
        for name in &self.optional {
            let _ = writeln!(index, "try {{ deps.push(require('{name}').name) }} catch {{}}");
        }
        index + &format!("module.exports = {{ name: '{}', version: '{}', deps }}\n", self.name, self.version)
    }
}
