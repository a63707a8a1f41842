//! `Plan`: what a lockfile means for this machine.

use super::InstallError;
use super::hoist::Hoisted;
use super::installed::Installed;
use super::layout::Layout;
use super::slot::Slot;
use super::top_link::TopLink;
use crate::lockfile::{ImporterNode, Lockfile, LockfileError, Node, Target};
use crate::package::{Machine, PackageId, Requirements};
use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a lockfile means for this machine: the slots of the virtual store, and the symlinks that lead there.
#[derive(Debug)]
pub(super) struct Plan {
    /// In the order of the lockfile.
    pub(super) slots: Vec<Arc<Slot>>,
    /// Optional packages that are not for this machine.
    pub(super) skipped: usize,
    /// Packages that are not for this machine, and are needed.
    pub(super) unsuitable: Vec<Unsuitable>,
    /// The projects: for each directory the names in its `node_modules`.
    pub(super) importers: BTreeMap<String, Vec<TopLink>>,
    /// What is found without being asked for.
    pub(super) hoisted: Hoisted,
    /// What other projects find in the root, and therefore have no symlinks to: where those would lead to, below the root.
    pub(super) of_root: HashSet<PathBuf>,
}

/// A package that is needed, and is for another machine: pnpm warns, unless `engine-strict` is set.
#[derive(Debug)]
pub(super) struct Unsuitable {
    package: PackageId,
    wanted: String,
    found: String,
}

impl Unsuitable {
    fn new(node: &Node, machine: &Machine) -> Option<Self> {
        let of = Requirements::from(node);
        let (wanted, found) = if !machine.has_platform(of) {
            let lists = [of.os, of.cpu, of.libc].map(|list| list.join(" "));
            let ours = [&machine.os, &machine.cpu].map(|list| list.join(" "));
            (lists.join(" ").trim().to_owned(), ours.join(" "))
        } else if !machine.has_node(of) {
            let version = machine.node.as_ref().map(ToString::to_string).unwrap_or_default();
            (format!("Node {}", of.node.unwrap_or_default()), format!("Node {version}"))
        } else {
            return None;
        };
        Some(Unsuitable { package: node.dep_path.id.clone(), wanted, found })
    }
}

impl fmt::Display for Unsuitable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Unsuitable { package, wanted, found } = self;
        write!(f, "{package} is for {wanted}, and this is {found}: it may not work here")
    }
}

impl From<Unsuitable> for InstallError {
    fn from(Unsuitable { package, wanted, found }: Unsuitable) -> Self {
        InstallError::Unsuitable { package, wanted, found }
    }
}

/// Where all names in the root's `node_modules` lead to.
fn root_targets(importers: &BTreeMap<String, Vec<TopLink>>, hoisted: &Hoisted) -> HashSet<PathBuf> {
    let direct = importers.get(".").into_iter().flatten();
    direct.chain(&hoisted.public).map(|link| link.leads_to(".")).collect()
}

impl Plan {
    pub(super) fn new(lockfile: &Lockfile, path: &Path, layout: &Layout) -> Result<Self, LockfileError> {
        let graph = lockfile.graph(path)?;
        let projects: Vec<&ImporterNode> =
            layout.importers.iter().filter_map(|importer| graph.importers.get(importer)).collect();
        let wanted = graph.installable(&layout.machine, projects.iter().copied());
        let installed = Installed { wanted, graph: &graph, projects };
        let slots = installed.nodes().map(|node| {
            let edges = node.dependencies.iter().filter(|edge| installed.has(edge.node));
            Arc::new(Slot {
                package: node.dep_path.id.clone(),
                integrity: node.integrity.to_string(),
                tarball: node.tarball.clone(),
                directory: node.dep_path.directory(),
                projects: node
                    .projects
                    .iter()
                    .filter(|(alias, _)| *alias != node.dep_path.id.name)
                    .map(|(alias, importer)| (alias.clone(), importer.clone()))
                    .collect(),
                links: edges.map(|edge| installed.link(&edge.alias, edge.node)).collect(),
                optional: node.optional,
                has_bin: node.has_bin,
                has_bundled: node.has_bundled,
            })
        });
        let importers = graph.importers.iter().map(|(dir, importer)| {
            let links = importer.dependencies.iter().filter_map(|edge| match &edge.target {
                Target::Node(node) => installed.has(*node).then(|| installed.top_link(&edge.alias, *node)),
                Target::Link(to) => Some(TopLink::Directory { alias: edge.alias.clone(), to: to.clone() }),
            });
            (dir.clone(), links.collect())
        });
        let importers: BTreeMap<String, Vec<TopLink>> = importers.collect();
        let hoisted = Hoisted::new(&installed, layout);
        let of_root = if layout.dedupe_direct { root_targets(&importers, &hoisted) } else { HashSet::new() };
        Ok(Plan {
            slots: slots.collect(),
            unsuitable: installed
                .nodes()
                .filter(|node| !node.optional)
                .filter_map(|node| Unsuitable::new(node, &layout.machine))
                .collect(),
            skipped: installed.wanted.iter().filter(|wanted| !**wanted).count(),
            importers,
            hoisted,
            of_root,
        })
    }
}
