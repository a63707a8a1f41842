//! `Hoisted`: what packages find that they did not ask for.

use super::installed::Installed;
use super::layout::Layout;
use super::top_link::TopLink;
use crate::lockfile::{NodeIndex, Target};
use crate::package::{PackageName, Section};
use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;

/// The packages that are found without being asked for. The rules are pnpm's own (`hoistGraph` and `graphWalker` of
/// `@pnpm/hoist`), in their order, which decides between versions.
#[derive(Debug, Default)]
pub(super) struct Hoisted {
    /// The names in `node_modules/.pnpm/node_modules`, which every package finds.
    pub(super) private: Vec<TopLink>,
    /// The names in the root project's `node_modules` that it did not ask for.
    pub(super) public: Vec<TopLink>,
    /// Of those, whose commands are in `node_modules/.pnpm/node_modules/.bin`.
    pub(super) with_commands: Vec<PackageName>,
}

/// A package that has dependencies, and how far it is from the projects. What the projects themselves ask for comes first.
struct Parent {
    depth: usize,
    /// What decides between those of one depth: the path in the virtual store.
    path: String,
    node: NodeIndex,
}

impl Hoisted {
    pub(super) fn new(installed: &Installed<'_>, layout: &Layout) -> Self {
        let mut hoisting = Hoisting {
            installed,
            layout,
            taken: root_aliases(installed),
            links: BTreeMap::new(),
            hoisted: Hoisted::default(),
        };
        // Of a lockfile without packages pnpm hoists nothing at all, not even projects.
        if !installed.has_any() {
            return hoisting.hoisted;
        }
        let direct = direct_dependencies(installed);
        let mut first: BTreeMap<&PackageName, NodeIndex> = BTreeMap::new();
        for (alias, node) in &direct {
            first.entry(alias).or_insert(*node);
        }
        for (importer, name) in &layout.projects {
            // A package of the same name that a project asks for takes its place.
            if !first.contains_key(name) {
                hoisting.add_project(importer, name);
            }
        }
        let mut added = HashSet::new();
        for (alias, _) in &direct {
            if added.insert(alias) {
                hoisting.add(alias, first[alias]);
            }
        }
        let mut parents = parents(installed, direct.iter().map(|(_, node)| *node).collect());
        parents.sort_by(|one, other| (one.depth, &one.path).cmp(&(other.depth, &other.path)));
        for parent in parents {
            for edge in installed.graph.node(parent.node).in_order().filter(|edge| installed.has(edge.node)) {
                hoisting.add(&edge.alias, edge.node);
            }
        }
        hoisting.finish()
    }
}

/// What the root asks for is found there. pnpm compares these names as they are with names in small letters, so that one with a
/// capital is hoisted all the same.
fn root_aliases(installed: &Installed<'_>) -> HashSet<String> {
    let root = installed.graph.importers.get(".").into_iter().flat_map(|root| &root.dependencies);
    let is_there = root.filter(|edge| match edge.target {
        Target::Node(node) => installed.has(node),
        Target::Link(_) => true,
    });
    is_there.map(|edge| edge.alias.to_string()).collect()
}

/// What all projects ask for, in pnpm's order.
fn direct_dependencies<'a>(installed: &Installed<'a>) -> Vec<(&'a PackageName, NodeIndex)> {
    let sections = [Section::Dev, Section::Dependencies, Section::Optional];
    let edges = installed
        .projects
        .iter()
        .flat_map(|importer| sections.iter().flat_map(|section| importer.of(*section)));
    edges
        .filter_map(|edge| match edge.target {
            Target::Node(node) => installed.has(node).then_some((&edge.alias, node)),
            Target::Link(_) => None,
        })
        .collect()
}

/// All packages with their depths. The depth is that at which pnpm's walk meets a package first, and the walk goes on below
/// the first package of a level before it looks below the second: so it is not always the shortest way.
fn parents(installed: &Installed<'_>, start: Vec<NodeIndex>) -> Vec<Parent> {
    let mut seen = HashSet::new();
    let mut unseen = |nodes: Vec<NodeIndex>| -> Vec<NodeIndex> {
        nodes.into_iter().filter(|node| installed.has(*node) && seen.insert(*node)).collect()
    };
    let mut parents = Vec::new();
    let mut open = vec![(0, unseen(start))];
    while let Some((depth, step)) = open.pop() {
        let mut next = Vec::with_capacity(step.len());
        for node in step {
            parents.push(Parent { depth, path: installed.path(node), node });
            let children = installed.graph.node(node).in_order().map(|edge| edge.node).collect();
            next.push((depth + 1, unseen(children)));
        }
        open.extend(next.into_iter().rev());
    }
    parents
}

struct Hoisting<'a, 'graph> {
    installed: &'a Installed<'graph>,
    layout: &'a Layout,
    /// Names that are taken. They are compared in small letters, as some file systems do.
    taken: HashSet<String>,
    links: BTreeMap<PackageName, (bool, TopLink)>,
    hoisted: Hoisted,
}

impl Hoisting<'_, '_> {
    /// Whether, and where, a name is hoisted: `Some(true)` is into the root's `node_modules`.
    fn is_public(&self, alias: &PackageName) -> Option<bool> {
        let hoist = &self.layout.hoist;
        if hoist.public.matches(alias.as_str()) {
            return Some(true);
        }
        hoist.private.matches(alias.as_str()).then_some(false)
    }

    fn add(&mut self, alias: &PackageName, node: NodeIndex) {
        let Some(is_public) = self.is_public(alias) else { return };
        if !self.taken.insert(alias.as_str().to_lowercase()) {
            return;
        }
        let link = self.installed.top_link(alias, node);
        if matches!(link, TopLink::Slot { has_bin: true, .. }) {
            self.hoisted.with_commands.push(alias.clone());
        }
        // A project of this name stays: it was there first.
        self.links.entry(alias.clone()).or_insert((is_public, link));
    }

    /// A project of the workspace takes its name, and yet pnpm does not count the name as taken.
    fn add_project(&mut self, importer: &str, name: &PackageName) {
        let Some(is_public) = self.is_public(name) else { return };
        if !self.taken.contains(&name.as_str().to_lowercase()) {
            let link = TopLink::Directory { alias: name.clone(), to: PathBuf::from(importer) };
            self.links.insert(name.clone(), (is_public, link));
        }
    }

    fn finish(mut self) -> Hoisted {
        for (is_public, link) in self.links.into_values() {
            let links = if is_public { &mut self.hoisted.public } else { &mut self.hoisted.private };
            links.push(link);
        }
        self.hoisted
    }
}
