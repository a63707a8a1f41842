//! `Embedded`: packages that are generated.

mod content;
mod draft;
mod levels;
mod peers;
mod shape;
mod sizes;

use super::shelf::Shelf;
use crate::lockfile::{DirectDependency, Importer, LockedPackage, Lockfile, Resolution, Settings, Snapshot};
use crate::package::{OneOrMany, ProjectManifest};
pub use sizes::Sizes;

use content::Content;
use draft::Draft;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use std::collections::{BTreeMap, BTreeSet};

/// Packages that are generated, the same ones for the same number and seed: their sizes and numbers of files are spread like
/// those of npm, their graph is some levels deep, some have scopes or commands, a few are optional and for other platforms,
/// or are told of and cannot be had.
#[derive(Debug)]
pub struct Embedded {
    shelf: Shelf,
    project: ProjectManifest,
    frozen: (ProjectManifest, Lockfile),
}

impl Embedded {
    /// Generates packages, so many that [`Embedded::project`] has that many which are for this machine. From 20 on two of
    /// them cannot be had, and are optional; from 50 on [`Embedded::frozen`] has some with peers.
    pub fn generate(packages: usize, seed: u64) -> Self {
        Embedded::with_sizes(packages, seed, Sizes::NPM)
    }

    /// The same with other sizes.
    pub fn with_sizes(packages: usize, seed: u64, sizes: Sizes) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut graph = levels::graph(packages, &mut random);
        let peers = peers::drafts(packages);
        let content = Content::new(seed);
        let shapes = shape::shapes(graph.packages.len() + peers.len(), sizes, &mut random);
        for (draft, shape) in graph.packages.iter_mut().zip(&shapes) {
            draft.shape = *shape;
        }
        let all: Vec<&Draft> = graph.packages.iter().chain(&peers).collect();
        let built: Vec<_> = all.par_iter().map(|draft| draft.build(&content)).collect();
        let mut shelf = Shelf::default();
        let mut integrities = BTreeMap::new();
        for (draft, (older, manifest, tarball)) in all.iter().zip(built) {
            integrities.insert(draft.id(), manifest.dist.integrity.clone());
            for version in older {
                shelf.add(version, None);
            }
            shelf.add(manifest, draft.is_published.then_some(tarball));
            shelf.add_history(&draft.name, draft.shape.packument);
        }
        let project = graph.project();
        let frozen = frozen(&graph, &peers, &integrities);
        Embedded { shelf, project, frozen }
    }

    /// A project that needs all packages but those with peers.
    pub fn project(&self) -> ProjectManifest {
        self.project.clone()
    }

    /// A project of as many packages with its lockfile, in which some packages are there twice, with other peers.
    pub fn frozen(&self) -> (ProjectManifest, Lockfile) {
        self.frozen.clone()
    }

    pub(super) fn shelf(&self) -> &Shelf {
        &self.shelf
    }
}

/// The packages and dependencies of a project: what a lockfile is made of.
fn frozen(
    graph: &levels::Levels,
    peers: &[Draft],
    integrities: &BTreeMap<String, Option<String>>,
) -> (ProjectManifest, Lockfile) {
    let replaced = peers::replaced(graph, peers);
    let mut project = graph.project();
    for app in peers.iter().filter(|draft| draft.is_root) {
        project.dependencies.insert(app.name.to_string(), app.range());
    }
    let is_left = |draft: &&Draft| !replaced.contains(draft.name.as_str());
    let drafts: BTreeMap<&str, &Draft> =
        graph.packages.iter().filter(is_left).map(|draft| (draft.name.as_str(), draft)).collect();
    project.dependencies.retain(|name, _| !replaced.contains(name.as_str()));

    let version_of = |name: &str| drafts.get(name).map(|draft| draft.version.clone());
    let mut lockfile = Lockfile {
        lockfile_version: "9.0".into(),
        settings: Some(Settings { auto_install_peers: true, exclude_links_from_lockfile: false }),
        importers: BTreeMap::new(),
        packages: BTreeMap::new(),
        overrides: BTreeMap::new(),
        snapshots: BTreeMap::new(),
    };
    let references = |names: &BTreeSet<String>| -> BTreeMap<String, String> {
        names.iter().filter_map(|name| Some((name.clone(), version_of(name)?))).collect()
    };
    for draft in drafts.values() {
        lockfile.packages.insert(draft.id(), locked(draft, integrities));
        let snapshot = Snapshot {
            dependencies: references(&draft.dependencies),
            optional_dependencies: references(&draft.optional),
            optional: draft.is_optional,
            ..Snapshot::default()
        };
        lockfile.snapshots.insert(draft.id(), snapshot);
    }
    for draft in peers {
        lockfile.packages.insert(draft.id(), locked(draft, integrities));
    }
    lockfile.snapshots.extend(peers::snapshots(peers));
    let direct = |section: &BTreeMap<String, String>| -> BTreeMap<String, DirectDependency> {
        let version = |name: &str| {
            version_of(name)
                .or_else(|| Some(peers.iter().find(|draft| draft.name.as_str() == name)?.version.clone()))
        };
        let found = section.iter().filter_map(|(name, specifier)| {
            Some((name.clone(), DirectDependency { specifier: specifier.clone(), version: version(name)? }))
        });
        found.collect()
    };
    let importer = Importer {
        dependencies: direct(&project.dependencies),
        dev_dependencies: BTreeMap::new(),
        optional_dependencies: direct(&project.optional_dependencies),
    };
    lockfile.importers.insert(".".into(), importer);
    (project, lockfile)
}

fn locked(draft: &Draft, integrities: &BTreeMap<String, Option<String>>) -> LockedPackage {
    LockedPackage {
        resolution: Resolution {
            integrity: integrities.get(&draft.id()).cloned().flatten(),
            ..Resolution::default()
        },
        os: if draft.is_for_others {
            OneOrMany::Many(vec![draft::OTHER_OS.into()])
        } else {
            OneOrMany::default()
        },
        has_bin: draft.has_bin,
        peer_dependencies: draft.peers.clone(),
        ..LockedPackage::default()
    }
}
