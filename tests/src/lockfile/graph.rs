//! `Graph`: a lockfile whose parts fit together.

use super::read::VERSION;
use super::{
    DepPath, Importer, LockedPackage, Lockfile, LockfileError, LockfileFault, Resolution, parse_integrity,
};
use crate::package::{Machine, PackageId, PackageName, Platform, Requirements, Section};
use ssri::Integrity;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use url::Url;

/// What a lockfile says is to be installed. To have one is evidence: every name is one of npm, so that it can be part of a
/// path; every package has a SHA-512; and every edge ends somewhere.
#[derive(Clone, Debug)]
pub struct Graph {
    /// The projects by their directory, relative to the lockfile's, with `/` between its parts; `.` is the lockfile's own.
    /// None is outside of it.
    pub importers: BTreeMap<String, ImporterNode>,
    /// The packages that a project leads to, in the order of their keys.
    pub nodes: Vec<Node>,
}

/// The place of a package in [`Graph::nodes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeIndex(pub usize);

/// A project.
#[derive(Clone, Debug, Default)]
pub struct ImporterNode {
    /// What it depends on in any way, in the order of the aliases.
    pub dependencies: Vec<DirectEdge>,
}

/// A dependency of a project.
#[derive(Clone, Debug)]
pub struct DirectEdge {
    /// The name it has in the project's `node_modules`.
    pub alias: PackageName,
    /// What is there.
    pub target: Target,
    /// Where the project asks for it.
    pub section: Section,
}

/// What a project depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A package.
    Node(NodeIndex),
    /// A directory, relative to the project's. It may be outside of the lockfile's, as pnpm allows.
    Link(PathBuf),
}

/// A package in one version, with its peers: one slot of the virtual store.
#[derive(Clone, Debug)]
pub struct Node {
    /// Which it is.
    pub dep_path: DepPath,
    /// What its tarball hashes to. There is a SHA-512, and nothing weaker.
    pub integrity: Integrity,
    /// Where its tarball is, if that is not the usual place of the registry.
    pub tarball: Option<Url>,
    /// What it is linked to, in the order of the aliases.
    pub dependencies: Vec<Edge>,
    /// Projects that are its peers: the name it finds each by, and the importer.
    pub projects: Vec<(PackageName, String)>,
    /// Whether only optional dependencies lead to it.
    pub optional: bool,
    /// Whether it has commands.
    pub has_bin: bool,
    /// Whether packages that it needs are in its tarball.
    pub has_bundled: bool,
    /// The versions of Node it is for; nothing for all.
    pub node: Option<String>,
    /// The operating systems it is for; see [`Platform::runs`].
    pub os: Vec<String>,
    /// The processors it is for.
    pub cpu: Vec<String>,
    /// The C libraries it is for.
    pub libc: Vec<String>,
}

/// A dependency of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// The name it is linked under.
    pub alias: PackageName,
    /// What is there.
    pub node: NodeIndex,
    /// Whether it is one of `optionalDependencies`.
    pub optional: bool,
}

impl ImporterNode {
    /// What it asks for in this section.
    pub fn of(&self, section: Section) -> impl Iterator<Item = &DirectEdge> {
        self.dependencies.iter().filter(move |edge| edge.section == section)
    }
}

impl Node {
    /// What it is linked to, in the order in which pnpm looks at it: what it needs, then what it can do without.
    pub fn in_order(&self) -> impl Iterator<Item = &Edge> {
        let of = |optional| self.dependencies.iter().filter(move |edge| edge.optional == optional);
        of(false).chain(of(true))
    }
}

impl<'a> From<&'a Node> for Requirements<'a> {
    fn from(node: &'a Node) -> Self {
        Requirements { os: &node.os, cpu: &node.cpu, libc: &node.libc, node: node.node.as_deref() }
    }
}

impl Graph {
    /// A package.
    ///
    /// # Panics
    ///
    /// If the index is of another graph.
    pub fn node(&self, index: NodeIndex) -> &Node {
        &self.nodes[index.0]
    }

    /// As [`Graph::installable`], for all versions of Node.
    pub fn wanted(&self, platform: &Platform) -> Vec<bool> {
        self.installable(&Machine::from(*platform), self.importers.values())
    }

    /// For each package, whether it is to be installed on this machine: as pnpm has it, an optional one that does not run
    /// here is passed over, with all that only it leads to. One that is needed is installed wherever it is said to run.
    ///
    /// This is pnpm's own walk (`pkgAllDeps` of `@pnpm/lockfile.filtering`), in its order, because the order decides: an
    /// optional package that one that does not run here leads to first is passed over, even if another one leads to it
    /// later.
    pub fn installable<'a>(
        &self,
        machine: &Machine,
        importers: impl IntoIterator<Item = &'a ImporterNode>,
    ) -> Vec<bool> {
        let order = [Section::Dependencies, Section::Dev, Section::Optional];
        let direct = importers.into_iter().flat_map(|importer| {
            order.iter().flat_map(|section| importer.of(*section)).filter_map(|edge| match edge.target {
                Target::Node(node) => Some(node),
                Target::Link(_) => None,
            })
        });
        let mut wanted = vec![true; self.nodes.len()];
        let mut seen = vec![false; self.nodes.len()];
        let mut open: Vec<(NodeIndex, bool)> = direct.map(|node| (node, true)).collect();
        open.reverse();
        while let Some((index, parent_runs)) = open.pop() {
            if std::mem::replace(&mut seen[index.0], true) {
                continue;
            }
            let node = self.node(index);
            let runs = parent_runs && (!node.optional || machine.runs(node));
            wanted[index.0] = runs || !node.optional;
            let children: Vec<_> = node.in_order().map(|edge| (edge.node, runs)).collect();
            open.extend(children.into_iter().rev());
        }
        wanted
    }

    /// Which packages a project leads to by edges that may be taken.
    fn reach(&self, mut may: impl FnMut(bool, &Node) -> bool) -> Vec<bool> {
        let mut reached = vec![false; self.nodes.len()];
        let mut open: Vec<(NodeIndex, bool)> = Vec::new();
        for edge in self.importers.values().flat_map(|importer| &importer.dependencies) {
            if let Target::Node(node) = edge.target {
                open.push((node, edge.section == Section::Optional));
            }
        }
        while let Some((index, optional)) = open.pop() {
            let node = self.node(index);
            if !reached[index.0] && may(optional, node) {
                reached[index.0] = true;
                open.extend(node.dependencies.iter().map(|edge| (edge.node, edge.optional)));
            }
        }
        reached
    }

    /// Takes away what no project leads to, and marks what only optional dependencies lead to.
    fn settle(mut self) -> Self {
        let (reached, needed) = (self.reach(|_, _| true), self.reach(|optional, _| !optional));
        let mut places = Vec::with_capacity(reached.len());
        let mut kept = 0;
        for is_reached in &reached {
            places.push(NodeIndex(kept));
            kept += usize::from(*is_reached);
        }
        let direct = self.importers.values_mut().flat_map(|importer| &mut importer.dependencies);
        for edge in direct {
            if let Target::Node(node) = &mut edge.target {
                *node = places[node.0];
            }
        }
        let nodes = std::mem::take(&mut self.nodes).into_iter().zip(reached).zip(needed);
        self.nodes = nodes
            .filter(|((_, is_reached), _)| *is_reached)
            .map(|((mut node, _), is_needed)| {
                node.optional = !is_needed;
                for edge in &mut node.dependencies {
                    edge.node = places[edge.node.0];
                }
                node
            })
            .collect();
        self
    }
}

impl Lockfile {
    /// The packages, and how they hang together. The path is for messages.
    ///
    /// # Errors
    ///
    /// If its parts do not fit together, a name is none of npm, a package has no SHA-512 or is not from a registry, or a
    /// project is outside of the lockfile's directory. The message names the package or the project, and what to do.
    pub fn graph(&self, path: &Path) -> Result<Graph, LockfileError> {
        build(self).map(Graph::settle).map_err(|fault| fault.at(path, None))
    }
}

fn build(lockfile: &Lockfile) -> Result<Graph, LockfileFault> {
    if lockfile.lockfile_version != VERSION {
        return Err(LockfileFault::Version(lockfile.lockfile_version.clone()));
    }
    let mut sources = HashMap::new();
    for (key, package) in &lockfile.packages {
        sources.insert(key.as_str(), (source(key, package)?, package));
    }
    let mut indices = HashMap::new();
    let mut nodes = Vec::with_capacity(lockfile.snapshots.len());
    let mut used = HashSet::new();
    let mut directories: HashMap<String, &str> = HashMap::new();
    for key in lockfile.snapshots.keys() {
        let own = &key[..key.find('(').unwrap_or(key.len())];
        let Some(((integrity, tarball), package)) = sources.get(own) else {
            return Err(half(key, "snapshots", "packages"));
        };
        used.insert(own);
        let dep_path = DepPath::parse(key).map_err(|why| LockfileFault::Key { section: "snapshots", why })?;
        if let Some(first) = directories.insert(dep_path.directory(), key) {
            return Err(LockfileFault::SameDirectory { first: first.to_owned(), second: key.clone() });
        }
        indices.insert(key.as_str(), NodeIndex(nodes.len()));
        nodes.push(Node {
            dep_path,
            integrity: integrity.clone(),
            tarball: tarball.clone(),
            dependencies: Vec::new(),
            projects: Vec::new(),
            optional: true,
            has_bin: package.has_bin,
            has_bundled: package.bundled_dependencies.is_some(),
            node: package.engines.get("node").cloned(),
            os: package.os.as_slice().to_vec(),
            cpu: package.cpu.as_slice().to_vec(),
            libc: package.libc.as_slice().to_vec(),
        });
    }
    if let Some(key) = lockfile.packages.keys().find(|key| !used.contains(key.as_str())) {
        return Err(half(key, "packages", "snapshots"));
    }
    let find = |from: &str, alias: &PackageName, reference: &str| {
        // `link:`, `file:` or a URL. Links of projects were seen before.
        if reference.split('(').next().is_some_and(|own| own.contains(':')) {
            let origin = format!("`{}`, which {from} asks for", reference.escape_debug());
            return Err(LockfileFault::Origin { package: alias.to_string(), origin });
        }
        let path = DepPath::resolve(alias, reference).map_err(|why| reference_fault(from, alias, why))?;
        let path = path.to_string();
        indices.get(path.as_str()).copied().ok_or(LockfileFault::Dangling { from: from.into(), needs: path })
    };
    for (node, (key, snapshot)) in nodes.iter_mut().zip(&lockfile.snapshots) {
        let from = format!("package `{key}`");
        // An optional one wins, as in a `package.json`.
        let mut all: BTreeMap<&String, (&String, bool)> = BTreeMap::new();
        all.extend(snapshot.dependencies.iter().map(|(alias, reference)| (alias, (reference, false))));
        all.extend(
            snapshot.optional_dependencies.iter().map(|(alias, reference)| (alias, (reference, true))),
        );
        for (alias, (reference, optional)) in all {
            let alias = parse_alias(&from, alias)?;
            if let Some(project) = project(lockfile, reference) {
                node.projects.push((alias, project));
                continue;
            }
            let target = find(&from, &alias, reference)?;
            node.dependencies.push(Edge { alias, node: target, optional });
        }
    }
    let mut importers = BTreeMap::new();
    for (dir, importer) in &lockfile.importers {
        if !is_inside(dir) {
            return Err(LockfileFault::Importer(dir.clone()));
        }
        importers.insert(dir.clone(), ImporterNode { dependencies: direct(dir, importer, &find)? });
    }
    Ok(Graph { importers, nodes })
}

/// The project that a package refers to: it is a peer, and its directory is told as seen from the lockfile's. A link to
/// anything else is none that a package of a registry can have.
fn project(lockfile: &Lockfile, reference: &str) -> Option<String> {
    let dir = reference.strip_prefix("link:")?;
    let dir = if dir.is_empty() { "." } else { dir };
    lockfile.importers.contains_key(dir).then(|| dir.to_owned())
}

fn direct(
    dir: &str,
    importer: &Importer,
    find: &impl Fn(&str, &PackageName, &str) -> Result<NodeIndex, LockfileFault>,
) -> Result<Vec<DirectEdge>, LockfileFault> {
    let from = format!("the project in `{dir}`");
    let mut all = BTreeMap::new();
    for (list, section) in [
        (&importer.dev_dependencies, Section::Dev),
        (&importer.dependencies, Section::Dependencies),
        (&importer.optional_dependencies, Section::Optional),
    ] {
        all.extend(list.iter().map(|(alias, dependency)| (alias, (dependency, section))));
    }
    let mut edges = Vec::with_capacity(all.len());
    for (alias, (dependency, section)) in all {
        let alias = parse_alias(&from, alias)?;
        let target = match dependency.version.strip_prefix("link:") {
            Some(link) => Target::Link(parse_link(link).map_err(|why| reference_fault(&from, &alias, why))?),
            None => Target::Node(find(&from, &alias, &dependency.version)?),
        };
        edges.push(DirectEdge { alias, target, section });
    }
    Ok(edges)
}

/// What is downloaded of a package: its hash, and its place if that is unusual.
fn source(key: &str, package: &LockedPackage) -> Result<(Integrity, Option<Url>), LockfileFault> {
    let Resolution { integrity, tarball, kind } = &package.resolution;
    let named = || key.escape_debug().to_string();
    if let Some(kind) = kind {
        let origin = match kind.as_str() {
            "git" => "a git repository".to_owned(),
            "directory" => "a directory".to_owned(),
            other => format!("a source of the kind `{}`", other.escape_debug()),
        };
        return Err(LockfileFault::Origin { package: named(), origin });
    }
    let Some(integrity) = integrity else {
        return Err(match tarball {
            Some(_) => {
                LockfileFault::Origin { package: named(), origin: "a tarball without integrity".into() }
            }
            None => LockfileFault::Integrity { package: named(), why: "there is none".into() },
        });
    };
    let integrity =
        parse_integrity(integrity).map_err(|why| LockfileFault::Integrity { package: named(), why })?;
    let id = PackageId::parse(key).map_err(|why| {
        // A tarball of anywhere else has its URL in place of a version.
        match key.split_once("@http").or(key.split_once("@file:")) {
            Some(_) => LockfileFault::Origin { package: named(), origin: "a tarball of its own".into() },
            None => LockfileFault::Key { section: "packages", why },
        }
    })?;
    debug_assert_eq!(id.to_string(), key);
    let fault = |url: &str| LockfileFault::Tarball { package: named(), url: url.to_owned() };
    let tarball = tarball.as_deref().map(|text| {
        Url::parse(text)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https"))
            .ok_or_else(|| fault(text))
    });
    Ok((integrity, tarball.transpose()?))
}

fn parse_alias(from: &str, alias: &str) -> Result<PackageName, LockfileFault> {
    alias.parse().map_err(|why| LockfileFault::Alias { from: from.to_owned(), why: format!("{why}") })
}

fn reference_fault(from: &str, alias: &PackageName, why: String) -> LockfileFault {
    LockfileFault::Reference { from: from.to_owned(), alias: alias.to_string(), why }
}

fn half(key: &str, present: &'static str, absent: &'static str) -> LockfileFault {
    LockfileFault::Half { key: key.escape_debug().to_string(), present, absent }
}

/// Whether this is `.`, or the plain names of a directory and its parents on any system.
fn is_inside(dir: &str) -> bool {
    let is_plain = |part: &str| {
        !matches!(part, "" | "." | "..") && !part.contains(|c: char| c == '\\' || c == ':' || c.is_control())
    };
    dir == "." || dir.split('/').all(is_plain)
}

/// The path of a link. pnpm writes every one of them relative, and with `/`; that of a project to itself is empty.
fn parse_link(text: &str) -> Result<PathBuf, String> {
    let path = Path::new(text);
    if path.has_root() || text.contains(|c: char| c == '\\' || c == ':' || c.is_control()) {
        return Err(format!("the link is to `{}`: expected a relative path", text.escape_debug()));
    }
    Ok(path.to_owned())
}
