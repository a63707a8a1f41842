//! `Workshop`: an installer with a registry of generated packages, for tests.

#![allow(dead_code, reason = "each test uses a part of it")]

use concurrency_probe::{Report, Scope, ScopeBuilder};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;
use testbed::install::{
    Downloads, Failed, InstallError, Linking, ModulesDir, Options, Progress, SlowDisk, Source, Stop, Summary,
    install, materialize,
};
use testbed::lockfile::Lockfile;
use testbed::net::{Client, Limits, LinkProfile, NpmConfig, RegistryClient};
use testbed::package::ProjectManifest;
use testbed::registry::{Catalogue, Embedded, Mirror, Registry};
use testbed::scratch::{Scratch, ScratchDir};
use testbed::store::Store;
use tokio::runtime::Runtime;

/// The function that must run in parallel.
pub(crate) const LINK: &str = "create_virtual_dir_by_snapshot";

/// An installer with a registry of generated packages, and a store of its own.
pub(crate) struct Workshop {
    pub(crate) runtime: Runtime,
    pub(crate) registry: Registry,
    pub(crate) client: Client,
    pub(crate) fresh: ProjectManifest,
    pub(crate) frozen: (ProjectManifest, Lockfile),
    /// Of everything below: projects and the store.
    pub(crate) dir: ScratchDir,
}

impl Workshop {
    /// With so many packages.
    pub(crate) fn new(packages: usize) -> Self {
        Workshop::with_limits(packages, Limits::default())
    }

    /// With so much patience.
    pub(crate) fn with_limits(packages: usize, limits: Limits) -> Self {
        let packages = Embedded::generate(packages, 1);
        let (fresh, frozen) = (packages.project(), packages.frozen());
        Workshop::of(Catalogue::Embedded(Box::new(packages)), limits, fresh, frozen)
    }

    /// With the packages of a mirror, all of which the project depends on.
    pub(crate) fn with_mirror(packages: &[(&str, Vec<u8>)]) -> Self {
        let dir = TempDir::new().unwrap();
        for (number, (_, tarball)) in packages.iter().enumerate() {
            std::fs::write(dir.path().join(format!("{number}.tgz")), tarball).unwrap();
        }
        let dependencies = packages.iter().map(|(name, _)| ((*name).to_owned(), "*".to_owned())).collect();
        let fresh = ProjectManifest { dependencies, ..ProjectManifest::default() };
        let catalogue = Catalogue::Mirror(Mirror::open(dir.path()).unwrap());
        Workshop::of(catalogue, Limits::default(), fresh, Embedded::generate(0, 1).frozen())
    }

    fn of(
        catalogue: Catalogue,
        limits: Limits,
        fresh: ProjectManifest,
        frozen: (ProjectManifest, Lockfile),
    ) -> Self {
        let threads = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let runtime = threads.unwrap();
        let any = (std::net::Ipv4Addr::LOCALHOST, 0).into();
        let registry = runtime.block_on(Registry::start(catalogue, any)).unwrap();
        let client = Client::new(LinkProfile::default(), limits).unwrap();
        Workshop { runtime, registry, client, fresh, frozen, dir: Scratch::with_room(1 << 30).dir().unwrap() }
    }

    pub(crate) fn registry_client(&self) -> RegistryClient {
        RegistryClient::new(
            self.client.clone(),
            NpmConfig::default().or_registry(self.registry.url().clone()),
        )
    }

    pub(crate) fn store(&self) -> PathBuf {
        self.dir.path().join("store")
    }

    /// A project, with its `package.json`, that is resolved by the registry.
    pub(crate) fn project(&self, name: &str) -> Options {
        let project = self.dir.path().join(name);
        std::fs::create_dir_all(&project).unwrap();
        self.fresh.write(&project.join("package.json")).unwrap();
        self.options(project.clone(), Source::Registry(project.join("pnpm-lock.yaml")))
    }

    /// A project with a lockfile.
    pub(crate) fn frozen_project(&self, name: &str) -> Options {
        let project = self.dir.path().join(name);
        std::fs::create_dir_all(&project).unwrap();
        self.frozen.0.write(&project.join("package.json")).unwrap();
        let lockfile = project.join("pnpm-lock.yaml");
        self.frozen.1.write(&lockfile).unwrap();
        self.options(project, Source::Lockfile(lockfile))
    }

    fn options(&self, project: PathBuf, source: Source) -> Options {
        Options {
            project,
            source,
            store: self.store(),
            registry: self.registry_client(),
            linking: Linking::Streamed,
            disk: SlowDisk::default(),
            stop: Stop::default(),
        }
    }

    /// Installs in a scope of two threads.
    pub(crate) fn install(&self, options: &Options) -> Result<Summary, InstallError> {
        let mut scope = Scope::builder("install").threads(2).open();
        self.runtime.block_on(install(&mut scope, options, &Arc::new(Progress::hidden())))
    }
}

/// Every tarball of a project in the memory cache of its downloads, and what is in the index as a test says: the partition is
/// then what the test says, and no download can be first or last.
pub(crate) struct AllDownloaded {
    pub(crate) store: Arc<Store>,
    downloads: Downloads,
    progress: Arc<Progress>,
}

impl AllDownloaded {
    /// Downloads the packages of a project by installing it somewhere.
    pub(crate) fn new(workshop: &Workshop, options: &Options, lockfile: &Lockfile) -> Self {
        let progress = Arc::new(Progress::hidden());
        let store = Arc::new(Store::open(&options.store).unwrap());
        let writer = store.index().writer().unwrap();
        let downloads = Downloads::new(&options.registry, &store, writer.rows(), &progress).unwrap();
        let all = AllDownloaded { store, downloads, progress };
        let mut scope = Scope::builder("install").threads(2).open();
        all.materialize(workshop, &mut scope, options, lockfile).unwrap();
        writer.finish().unwrap();
        all
    }

    /// Links the project, the first time or anew.
    pub(crate) fn materialize(
        &self,
        workshop: &Workshop,
        scope: &mut Scope,
        options: &Options,
        lockfile: &Lockfile,
    ) -> Result<Vec<Failed>, InstallError> {
        let modules = options.project.join("node_modules");
        if modules.exists() {
            std::fs::remove_dir_all(&modules).unwrap();
        }
        let modules = Arc::new(ModulesDir::open(&options.project)?);
        let AllDownloaded { store, downloads, progress } = self;
        workshop.runtime.block_on(materialize(scope, options, &modules, lockfile, store, downloads, progress))
    }
}

/// A scope in which the verdict on links is certain.
pub(crate) fn held() -> ScopeBuilder {
    Scope::builder("install").threads(4).hold(LINK, 2)
}

/// A count of a report.
pub(crate) fn count(report: &Report, name: &str) -> u64 {
    report.counts.get(name).copied().unwrap_or_default()
}

/// `linked = warm + cold - failed`.
pub(crate) fn assert_conserved(report: &Report) {
    let [linked, warm, cold, failed] = ["linked", "warm", "cold", "failed"].map(|name| count(report, name));
    assert_eq!(linked, warm + cold - failed, "{:?}", report.counts);
}

/// The files below a directory, with what they are.
pub(crate) fn tree(dir: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![dir.to_owned()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(&next).unwrap() {
            let entry = entry.unwrap();
            let name = entry.path().strip_prefix(dir).unwrap().display().to_string();
            let kind = entry.file_type().unwrap();
            if kind.is_dir() {
                open.push(entry.path());
            } else if kind.is_symlink() {
                found.push(format!("{name} -> {}", std::fs::read_link(entry.path()).unwrap().display()));
            } else {
                found.push(name);
            }
        }
    }
    found.sort();
    found
}

/// Everything below a directory: files with a hash of their bytes, symlinks with what they lead to, and directories.
pub(crate) fn everything(dir: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut open = vec![dir.to_owned()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(&next).unwrap().map(Result::unwrap) {
            let kind = entry.file_type().unwrap();
            let what = if kind.is_dir() {
                open.push(entry.path());
                "directory".to_owned()
            } else if kind.is_symlink() {
                format!("to {}", std::fs::read_link(entry.path()).unwrap().display())
            } else {
                let mut hasher = DefaultHasher::new();
                std::fs::read(entry.path()).unwrap().hash(&mut hasher);
                format!("file {:x}", hasher.finish())
            };
            found.push((entry.path().strip_prefix(dir).unwrap().to_owned(), what));
        }
    }
    found.sort();
    found
}

/// A package, as `npm pack` makes it.
pub(crate) fn pack(files: &[(&str, &str)]) -> Vec<u8> {
    let gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let mut archive = tar::Builder::new(gzip);
    for (path, text) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, path, text.as_bytes()).unwrap();
    }
    archive.into_inner().unwrap().finish().unwrap()
}
