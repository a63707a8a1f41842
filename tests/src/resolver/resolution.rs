//! `Resolution`: what is known of a graph while it is resolved.

use super::choices::Choices;
use super::published::Published;
use super::specifier::{NotOfRegistry, Specifier};
use super::{ResolveError, ResolvedPackage};
use crate::package::{PackageId, PackageName, Platform, ProjectManifest, Section};
use crate::registry::Packument;
use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::sync::Arc;

/// What is known of a graph while it is resolved.
pub(super) struct Resolution<E: Error + 'static> {
    platform: Platform,
    /// What registries said. An error is taken when it is reported.
    known: HashMap<PackageName, Result<Choices, Option<E>>>,
    /// The edges that wait for a packument.
    waiting: BTreeMap<PackageName, Vec<usize>>,
    pub(super) edges: Vec<Edge>,
    pub(super) packages: Vec<Package>,
    places: HashMap<PackageId, usize>,
}

/// A dependency.
pub(super) struct Edge {
    /// The package that has it; `None` for the project.
    pub(super) from: Option<usize>,
    pub(super) alias: PackageName,
    pub(super) specifier: Specifier,
    pub(super) optional: bool,
    /// What it was resolved to. An optional one may never be.
    pub(super) to: Option<usize>,
}

/// A package in one version.
pub(super) struct Package {
    pub(super) published: Published,
    /// Its dependencies, as places in `edges`.
    pub(super) edges: Vec<usize>,
    /// Whether something other than optional dependencies leads to it.
    pub(super) needed: bool,
    /// Whether it is to be installed on this machine, and was announced.
    wanted: bool,
    /// The first of its edges that has to lead somewhere and cannot. It matters only if the package is needed itself.
    pub(super) broken: Option<usize>,
}

impl<E: Error + 'static> Resolution<E> {
    /// Begins with the dependencies of a project.
    pub(super) fn of(manifest: &ProjectManifest, platform: Platform) -> Result<Self, ResolveError<E>> {
        let mut resolution = Resolution {
            platform,
            known: HashMap::new(),
            waiting: BTreeMap::new(),
            edges: Vec::new(),
            packages: Vec::new(),
            places: HashMap::new(),
        };
        for wanted in manifest.wanted() {
            let optional = wanted.section == Section::Optional;
            let edge = match resolution.edge(None, wanted.alias, wanted.specifier, optional) {
                Ok(edge) => edge,
                Err(_) if optional => continue,
                Err(error) => return Err(error),
            };
            let name = resolution.edges[edge].specifier.name.clone();
            resolution.waiting.entry(name).or_default().push(edge);
        }
        Ok(resolution)
    }

    /// The packages that have to be asked for before anything else can be known. Each is named once.
    pub(super) fn next_level(&self) -> Vec<PackageName> {
        self.waiting.keys().cloned().collect()
    }

    /// Goes on with what a registry said of a package.
    pub(super) fn learn(
        &mut self,
        name: PackageName,
        answer: Result<Arc<Packument>, E>,
        on_resolved: &mut impl FnMut(ResolvedPackage),
    ) -> Result<(), ResolveError<E>> {
        let mut open = self.waiting.remove(&name).unwrap_or_default();
        self.known.insert(name, answer.map(Choices::of).map_err(Some));
        while let Some(edge) = open.pop() {
            if self.known.contains_key(&self.edges[edge].specifier.name) {
                self.connect(edge, &mut open, on_resolved)?;
            } else {
                let name = self.edges[edge].specifier.name.clone();
                self.waiting.entry(name).or_default().push(edge);
            }
        }
        Ok(())
    }

    /// Resolves an edge whose packument is known.
    fn connect(
        &mut self,
        edge: usize,
        open: &mut Vec<usize>,
        on_resolved: &mut impl FnMut(ResolvedPackage),
    ) -> Result<(), ResolveError<E>> {
        let from = self.edges[edge].from;
        let (needed, wanted) =
            from.map_or((true, true), |from| (self.packages[from].needed, self.packages[from].wanted));
        let optional = self.edges[edge].optional;
        let found = self.choose(edge, needed && !optional);
        let found = found.and_then(|id| match self.places.get(&id) {
            Some(place) => Ok(*place),
            None => self.add(edge, &id, open),
        });
        let to = match found {
            Ok(to) => to,
            Err(_) if optional => return Ok(()),
            Err(error) if needed => return Err(error),
            Err(_) => {
                // Whatever depends on it may be able to do without.
                if let Some(from) = from {
                    self.packages[from].broken.get_or_insert(edge);
                }
                return Ok(());
            }
        };
        self.edges[edge].to = Some(to);
        self.mark(to, needed && !optional, wanted, on_resolved)
    }

    /// Why a registry did not say what there is of a package that only optional dependencies ask for.
    pub(super) fn fault(&mut self, name: PackageName) -> Option<ResolveError<E>> {
        let source = self.known.get_mut(&name)?.as_mut().err()?.take()?;
        Some(ResolveError::Packument { name, from: "an optional dependency".to_owned(), source })
    }

    /// The version that an edge leads to. The registry's own error is taken only for a dependency that is needed.
    fn choose(&mut self, edge: usize, is_needed: bool) -> Result<PackageId, ResolveError<E>> {
        let from = self.describe(self.edges[edge].from);
        let Specifier { name, wanted, text } = &self.edges[edge].specifier;
        let no_version = |known: String| ResolveError::NoVersion {
            name: name.clone(),
            specifier: text.clone(),
            from: from.clone(),
            known,
        };
        match self.known.get_mut(name) {
            Some(Ok(choices)) => match choices.pick(wanted) {
                Some(version) => Ok(PackageId { name: name.clone(), version: version.clone() }),
                None => Err(no_version(choices.summary())),
            },
            Some(Err(source)) if is_needed => match source.take() {
                Some(source) => Err(ResolveError::Packument { name: name.clone(), from, source }),
                None => Err(no_version("the registry did not say which there are".to_owned())),
            },
            _ => Err(no_version("the registry did not say which there are".to_owned())),
        }
    }

    /// Adds a package that was chosen and that no edge has led to yet, with its edges.
    fn add(&mut self, edge: usize, id: &PackageId, open: &mut Vec<usize>) -> Result<usize, ResolveError<E>> {
        let from = self.describe(self.edges[edge].from);
        let choices = self.known[&id.name].as_ref().unwrap_or_else(|_| unreachable!("{id} is one of them"));
        let published = choices.published(&id.name, &id.version).map_err(|why| ResolveError::Malformed {
            id: id.to_string(),
            from: from.clone(),
            why,
        })?;
        if let Err(why) = published.integrity() {
            return Err(ResolveError::Integrity { id: id.to_string(), from, why });
        }
        if let Some((peer, _)) = published.peers().into_iter().find(|(_, (_, optional))| !optional) {
            return Err(ResolveError::Peer { id: id.to_string(), from, peer: peer.to_owned() });
        }
        let place = self.packages.len();
        let package = Package {
            published: published.clone(),
            edges: Vec::new(),
            needed: false,
            wanted: false,
            broken: None,
        };
        self.packages.push(package);
        self.places.insert(id.clone(), place);
        let before = (self.edges.len(), open.len());
        for (alias, (specifier, optional)) in published.dependencies() {
            match self.edge(Some(place), alias, specifier, optional) {
                Ok(edge) => {
                    self.packages[place].edges.push(edge);
                    open.push(edge);
                }
                Err(_) if optional => {}
                Err(error) => {
                    // Whatever depends on it may be able to do without.
                    self.packages.pop();
                    self.places.remove(id);
                    self.edges.truncate(before.0);
                    open.truncate(before.1);
                    return Err(error);
                }
            }
        }
        Ok(place)
    }

    fn edge(
        &mut self,
        from: Option<usize>,
        alias: &str,
        text: &str,
        optional: bool,
    ) -> Result<usize, ResolveError<E>> {
        let name = |why: String| ResolveError::Name { from: self.describe(from), why };
        let alias: PackageName = alias.parse().map_err(|why| name(format!("{why}")))?;
        let specifier = Specifier::parse(&alias, text).map_err(|fault| match fault {
            NotOfRegistry::Name(why) => name(format!("{why}")),
            NotOfRegistry::Place => ResolveError::NotOfRegistry {
                from: self.describe(from),
                alias: alias.clone(),
                specifier: text.to_owned(),
            },
        })?;
        self.edges.push(Edge { from, alias, specifier, optional, to: None });
        Ok(self.edges.len() - 1)
    }

    /// Spreads that a package is needed, or wanted here, to what it leads to. As pnpm has it, an optional package that does
    /// not run here is not wanted.
    fn mark(
        &mut self,
        place: usize,
        needed: bool,
        wanted: bool,
        on_resolved: &mut impl FnMut(ResolvedPackage),
    ) -> Result<(), ResolveError<E>> {
        let mut open = vec![(place, needed, wanted)];
        while let Some((place, needed, wanted)) = open.pop() {
            let package = &mut self.packages[place];
            let needed = needed || package.needed;
            let manifest = &package.published.manifest;
            let (os, cpu, libc) = (manifest.os.as_slice(), manifest.cpu.as_slice(), manifest.libc.as_slice());
            let wanted = package.wanted || (wanted && (needed || self.platform.runs(os, cpu, libc)));
            if needed == package.needed && wanted == package.wanted {
                continue;
            }
            if wanted && !package.wanted {
                on_resolved(announcement(&package.published, !needed));
            }
            (package.needed, package.wanted) = (needed, wanted);
            if needed && let Some(edge) = package.broken {
                self.choose(edge, true)?;
            }
            let package = &self.packages[place];
            for edge in &package.edges {
                let edge = &self.edges[*edge];
                if let Some(to) = edge.to {
                    open.push((to, needed && !edge.optional, wanted));
                }
            }
        }
        Ok(())
    }

    /// Who asks, for a message.
    pub(super) fn describe(&self, from: Option<usize>) -> String {
        match from {
            None => "the project".to_owned(),
            Some(place) => format!("`{}`", self.packages[place].published.id),
        }
    }
}

fn announcement(published: &Published, optional: bool) -> ResolvedPackage {
    ResolvedPackage {
        id: published.id.clone(),
        tarball: published.manifest.dist.tarball.clone(),
        integrity: published.integrity().unwrap_or_default().to_owned(),
        optional,
    }
}
