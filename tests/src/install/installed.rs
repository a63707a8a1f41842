//! `Installed`: what of a graph is installed.

use super::slot::SlotLink;
use super::top_link::TopLink;
use crate::lockfile::{DepPath, Graph, ImporterNode, Node, NodeIndex};
use crate::package::PackageName;

/// What of a graph is installed.
pub(super) struct Installed<'graph> {
    pub(super) graph: &'graph Graph,
    /// The projects in pnpm's order.
    pub(super) projects: Vec<&'graph ImporterNode>,
    /// For each node.
    pub(super) wanted: Vec<bool>,
}

impl Installed<'_> {
    pub(super) fn has(&self, node: NodeIndex) -> bool {
        self.wanted[node.0]
    }

    pub(super) fn has_any(&self) -> bool {
        self.wanted.iter().any(|wanted| *wanted)
    }

    /// Where a package is, below the virtual store.
    pub(super) fn path(&self, node: NodeIndex) -> String {
        let path = &self.graph.node(node).dep_path;
        format!("{}/node_modules/{}", path.directory(), path.id.name)
    }

    pub(super) fn top_link(&self, alias: &PackageName, to: NodeIndex) -> TopLink {
        TopLink::Slot { link: self.link(alias, to), has_bin: self.graph.node(to).has_bin }
    }

    pub(super) fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.graph.nodes.iter().zip(&self.wanted).filter(|(_, wanted)| **wanted).map(|(node, _)| node)
    }

    pub(super) fn link(&self, alias: &PackageName, to: NodeIndex) -> SlotLink {
        let DepPath { id, .. } = &self.graph.node(to).dep_path;
        let directory = self.graph.node(to).dep_path.directory();
        SlotLink { alias: alias.clone(), directory, name: id.name.clone() }
    }
}
