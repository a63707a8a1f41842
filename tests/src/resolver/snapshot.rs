//! The end of a resolution: its lockfile.

use super::ResolveError;
use super::published::Published;
use super::resolution::{Edge, Resolution};
use crate::lockfile::{
    DepPath, DirectDependency, Importer, LockedPackage, Lockfile, Resolution as Origin, Settings, Snapshot,
};
use crate::package::{PackageId, PeerMeta, ProjectManifest, Section};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use url::Url;

impl<E: Error + 'static> Resolution<E> {
    /// What was resolved, without what is broken and what only that leads to.
    pub(super) fn lockfile(
        mut self,
        manifest: &ProjectManifest,
        usual: impl Fn(&PackageId) -> Option<Url>,
    ) -> Result<Lockfile, ResolveError<E>> {
        self.cut_broken();
        let kept = self.reach(self.edges.iter().filter(|edge| edge.from.is_none()));
        let missing = self.missing_peers(&kept)?;
        let mut lockfile = Lockfile {
            lockfile_version: "9.0".to_owned(),
            settings: Some(Settings { auto_install_peers: true, exclude_links_from_lockfile: false }),
            importers: BTreeMap::from([(".".to_owned(), self.importer(manifest))]),
            packages: BTreeMap::new(),
            overrides: BTreeMap::new(),
            snapshots: BTreeMap::new(),
        };
        for (place, package) in self.packages.iter().enumerate().filter(|(place, _)| kept[*place]) {
            let key = package.published.id.to_string();
            let mut snapshot = Snapshot { optional: !package.needed, ..Snapshot::default() };
            snapshot.transitive_peer_dependencies =
                missing.iter().filter(|(_, above)| above[place]).map(|(peer, _)| peer.clone()).collect();
            for edge in package.edges.iter().map(|edge| &self.edges[*edge]) {
                if let Some(reference) = self.reference(edge) {
                    let list = if edge.optional {
                        &mut snapshot.optional_dependencies
                    } else {
                        &mut snapshot.dependencies
                    };
                    list.insert(edge.alias.to_string(), reference);
                }
            }
            lockfile.packages.insert(key.clone(), locked(&package.published, &usual));
            lockfile.snapshots.insert(key, snapshot);
        }
        Ok(lockfile)
    }

    /// Takes away the edges to what is broken. What needs a broken package is broken too; nothing that is needed is, as
    /// that would have been an error.
    fn cut_broken(&mut self) {
        let mut broken: Vec<bool> = self.packages.iter().map(|package| package.broken.is_some()).collect();
        loop {
            let is_broken = |edge: &Edge| edge.to.is_some_and(|to| broken[to]);
            let more = self.edges.iter().filter(|edge| !edge.optional && is_broken(edge));
            let more: Vec<usize> = more.filter_map(|edge| edge.from).filter(|from| !broken[*from]).collect();
            if more.is_empty() {
                break;
            }
            for from in more {
                broken[from] = true;
            }
        }
        for edge in &mut self.edges {
            edge.to = edge.to.filter(|to| !broken[*to]);
        }
    }

    /// The packages that edges lead to, and all below them.
    fn reach<'a>(&'a self, edges: impl Iterator<Item = &'a Edge>) -> Vec<bool> {
        let mut reached = vec![false; self.packages.len()];
        let mut open: Vec<usize> = edges.filter_map(|edge| edge.to).collect();
        while let Some(place) = open.pop() {
            if !std::mem::replace(&mut reached[place], true) {
                open.extend(self.packages[place].edges.iter().filter_map(|edge| self.edges[*edge].to));
            }
        }
        reached
    }

    /// The optional peers that are not there, and for each the packages above those that could do with it.
    ///
    /// A peer is one that a package above provides, on any way to the project. One that nobody there has is missing, and as
    /// it is optional all is well.
    fn missing_peers(&self, kept: &[bool]) -> Result<BTreeMap<String, Vec<bool>>, ResolveError<E>> {
        let mut peers: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (place, package) in self.packages.iter().enumerate().filter(|(place, _)| kept[*place]) {
            for peer in package.published.peers().into_keys() {
                peers.entry(peer.to_owned()).or_default().push(place);
            }
        }
        let mut missing = BTreeMap::new();
        for (peer, users) in peers {
            let provides = |edge: &&Edge| {
                let is_it = edge.alias.as_str() == peer
                    || edge.to.is_some_and(|to| self.packages[to].published.id.name.as_str() == peer);
                is_it && edge.to.is_some() && edge.from.is_none_or(|from| kept[from])
            };
            let owners: BTreeSet<Option<usize>> =
                self.edges.iter().filter(provides).map(|edge| edge.from).collect();
            let below = self.reach(self.edges.iter().filter(|edge| owners.contains(&edge.from)));
            if let Some(user) = users.iter().find(|user| below[**user]) {
                let from = self
                    .edges
                    .iter()
                    .find(|edge| edge.to == Some(*user) && edge.from.is_none_or(|from| kept[from]));
                return Err(ResolveError::Peer {
                    id: self.packages[*user].published.id.to_string(),
                    from: self.describe(from.and_then(|edge| edge.from)),
                    peer,
                });
            }
            missing.insert(peer, self.above(&users));
        }
        Ok(missing)
    }

    /// The packages that lead to any of these.
    fn above(&self, users: &[usize]) -> Vec<bool> {
        let mut parents: Vec<Vec<usize>> = vec![Vec::new(); self.packages.len()];
        for edge in &self.edges {
            if let (Some(from), Some(to)) = (edge.from, edge.to) {
                parents[to].push(from);
            }
        }
        let mut above = vec![false; self.packages.len()];
        let mut open: Vec<usize> = users.iter().flat_map(|user| parents[*user].iter().copied()).collect();
        while let Some(place) = open.pop() {
            if !std::mem::replace(&mut above[place], true) {
                open.extend(&parents[place]);
            }
        }
        // They name it themselves.
        for user in users {
            above[*user] = false;
        }
        above
    }

    fn importer(&self, manifest: &ProjectManifest) -> Importer {
        let mut importer = Importer::default();
        let edges = self.edges.iter().filter(|edge| edge.from.is_none());
        for (wanted, edge) in manifest.wanted().into_iter().zip(edges) {
            let Some(version) = self.reference(edge) else { continue };
            let list = match wanted.section {
                Section::Dependencies => &mut importer.dependencies,
                Section::Dev => &mut importer.dev_dependencies,
                Section::Optional => &mut importer.optional_dependencies,
            };
            let specifier = wanted.specifier.to_owned();
            list.insert(wanted.alias.to_owned(), DirectDependency { specifier, version });
        }
        importer
    }

    fn reference(&self, edge: &Edge) -> Option<String> {
        let id = self.packages[edge.to?].published.id.clone();
        Some(DepPath { id, peers: String::new() }.reference(&edge.alias))
    }
}

/// What a lockfile says of a version, wherever it is used.
fn locked(published: &Published, usual: &impl Fn(&PackageId) -> Option<Url>) -> LockedPackage {
    let manifest = &published.manifest;
    let mut engines = manifest.engines.clone();
    engines.retain(|_, range| range != "*");
    let is_reason = |reason: &&Value| reason.as_str().is_some_and(|text| !text.is_empty());
    let peers = published.peers();
    LockedPackage {
        resolution: Origin {
            integrity: manifest.dist.integrity.clone(),
            tarball: (!usual(&published.id)
                .is_some_and(|usual| is_same_place(&manifest.dist.tarball, &usual)))
            .then(|| manifest.dist.tarball.to_string()),
            kind: None,
        },
        engines,
        cpu: manifest.cpu.clone(),
        os: manifest.os.clone(),
        libc: manifest.libc.clone(),
        deprecated: manifest.deprecated.as_ref().filter(is_reason).cloned(),
        has_bin: published.has_bin(),
        peer_dependencies: peers.iter().map(|(name, (range, _))| ((*name).into(), (*range).into())).collect(),
        peer_dependencies_meta: peers
            .into_keys()
            .map(|name| (name.into(), PeerMeta { optional: true }))
            .collect(),
        bundled_dependencies: published.bundled.clone(),
    }
}

/// Whether two URLs are of one place: registries say http where they are asked by https, and escape a scope or not.
fn is_same_place(a: &Url, b: &Url) -> bool {
    let place = |url: &Url| {
        let path = url.path().replace("%2f", "/").replace("%2F", "/").replace("%40", "@");
        (url.host_str().map(str::to_owned), url.port(), path)
    };
    place(a) == place(b)
}
