//! `Plan`: what a lockfile means for this machine.

use super::slot::{Slot, SlotLink};
use crate::lockfile::{DepPath, Graph, Lockfile, LockfileError, Node, NodeIndex, Target};
use crate::package::{PackageName, Platform};
use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a lockfile means for this machine: the slots of the virtual store, and the symlinks that lead there.
#[derive(Debug)]
pub(super) struct Plan {
    /// In the order of the lockfile.
    pub(super) slots: Vec<Arc<Slot>>,
    /// Optional packages of other platforms.
    pub(super) skipped: usize,
    /// The projects: for each directory the names in its `node_modules`.
    pub(super) importers: BTreeMap<String, Vec<TopLink>>,
    /// The names in `node_modules/.pnpm/node_modules`: what packages find that they did not ask for.
    pub(super) hoisted: Vec<SlotLink>,
}

/// A name in a project's `node_modules`.
#[derive(Debug)]
pub(super) enum TopLink {
    /// A package, and whether it has commands.
    Slot { link: SlotLink, has_bin: bool },
    /// Another directory of the machine, relative to the project.
    Directory { alias: PackageName, to: PathBuf },
}

impl TopLink {
    /// The name.
    pub(super) fn alias(&self) -> &str {
        match self {
            TopLink::Slot { link, .. } => link.alias.as_str(),
            TopLink::Directory { alias, .. } => alias.as_str(),
        }
    }
}

impl Plan {
    pub(super) fn new(lockfile: &Lockfile, path: &Path) -> Result<Self, LockfileError> {
        let graph = lockfile.graph(path)?;
        let installed = Installed { wanted: graph.wanted(&Platform::current()), graph: &graph };
        let slots = installed.nodes().map(|node| {
            let own = &node.dep_path.id.name;
            let edges =
                node.dependencies.iter().filter(|edge| installed.has(edge.node) && edge.alias != *own);
            Arc::new(Slot {
                package: node.dep_path.id.clone(),
                integrity: node.integrity.to_string(),
                tarball: node.tarball.clone(),
                directory: node.dep_path.directory(),
                links: edges.map(|edge| installed.link(&edge.alias, edge.node)).collect(),
                optional: node.optional,
                has_bin: node.has_bin,
            })
        });
        let importers = graph.importers.iter().map(|(dir, importer)| {
            let links = importer.dependencies.iter().filter_map(|edge| match &edge.target {
                Target::Node(node) => installed.has(*node).then(|| TopLink::Slot {
                    link: installed.link(&edge.alias, *node),
                    has_bin: graph.node(*node).has_bin,
                }),
                Target::Link(to) => Some(TopLink::Directory { alias: edge.alias.clone(), to: to.clone() }),
            });
            (dir.clone(), links.collect())
        });
        Ok(Plan {
            slots: slots.collect(),
            skipped: installed.wanted.iter().filter(|wanted| !**wanted).count(),
            importers: importers.collect(),
            hoisted: installed.hoisted(),
        })
    }
}

/// What of a graph is installed.
struct Installed<'graph> {
    graph: &'graph Graph,
    wanted: Vec<bool>,
}

impl Installed<'_> {
    fn has(&self, node: NodeIndex) -> bool {
        self.wanted[node.0]
    }

    fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.graph.nodes.iter().zip(&self.wanted).filter(|(_, wanted)| **wanted).map(|(node, _)| node)
    }

    fn link(&self, alias: &PackageName, to: NodeIndex) -> SlotLink {
        let DepPath { id, .. } = &self.graph.node(to).dep_path;
        let directory = self.graph.node(to).dep_path.directory();
        SlotLink { alias: alias.clone(), directory, name: id.name.clone() }
    }

    /// pnpm's private hoist: each name once, of the package that is nearest to the projects, and of several of those the
    /// first in the alphabet. What the root itself has is found there.
    fn hoisted(&self) -> Vec<SlotLink> {
        let direct = || self.graph.importers.values().flat_map(|importer| &importer.dependencies);
        let root = self.graph.importers.get(".").into_iter().flat_map(|root| &root.dependencies);
        let mut names: HashSet<&PackageName> = root.map(|edge| &edge.alias).collect();
        let (mut seen, mut hoisted) = (HashSet::new(), Vec::new());
        let targets =
            direct().filter_map(|edge| if let Target::Node(node) = edge.target { Some(node) } else { None });
        let mut level: Vec<NodeIndex> = targets.collect();
        while !level.is_empty() {
            level.retain(|node| self.has(*node) && seen.insert(*node));
            let edges = level.iter().flat_map(|node| &self.graph.node(*node).dependencies);
            let mut edges: Vec<(&PackageName, NodeIndex)> =
                edges.filter(|edge| self.has(edge.node)).map(|edge| (&edge.alias, edge.node)).collect();
            // Nodes are in the order of their keys.
            edges.sort();
            for &(alias, to) in &edges {
                if names.insert(alias) {
                    hoisted.push(self.link(alias, to));
                }
            }
            level = edges.into_iter().map(|(_, to)| to).collect();
        }
        hoisted
    }
}
