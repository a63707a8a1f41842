//! `Bed`: what all runs share: the registry, the resolution servers, and a store that has everything.

use super::BenchError;
use super::cell::{Cell, Scenario, Target};
use super::options::BenchOptions;
use super::run::Run;
use crate::install::{Linking, Options, Progress, ResolutionError, Source, Stop, Summary, install};
use crate::lockfile::Lockfile;
use crate::net::{Client, Limits, LinkProfile, NpmConfig, RegistryClient};
use crate::package::{PackageName, ProjectManifest};
use crate::registry::{Catalogue, Embedded, Registry, Sizes};
use crate::resolution_server::{Remembering, ResolutionClient, ResolutionServer};
use crate::scratch::{Scratch, ScratchDir};
use crate::signal::Listener;
use concurrency_probe::Scope;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::runtime::{Builder, Runtime};

/// What all runs share.
///
/// Everything is in one process, so that nothing but the installer differs between runs; the servers are on threads of their
/// own, so that an installer that blocks does not block what it waits for.
pub(super) struct Bed {
    options: BenchOptions,
    installer: Runtime,
    /// Before the runtime that they are on.
    registry: Registry,
    /// What the servers have parsed.
    packuments: Remembering<RegistryClient>,
    streaming: ResolutionServer,
    cached: ResolutionServer,
    _servers: Runtime,
    client: Client,
    fresh: ProjectManifest,
    frozen: (ProjectManifest, Lockfile),
    stop: Stop,
    listener: Listener,
    scratch: Scratch,
    hot_store: ScratchDir,
    reports: PathBuf,
}

/// The installer's connections, whatever machine this is: what pnpm has on a runner of four cores, three for each core but one and 16 at least.
const CLIENT_AT_ONCE: usize = 16;

/// The server's connections: pnpm's most. A server has cores.
const SERVER_AT_ONCE: usize = 64;

/// Where the reports of a cell go.
pub(super) fn report_file(reports: &Path, cell: Cell) -> PathBuf {
    reports
        .join(cell.scenario.name())
        .join(cell.target.name())
        .join(format!("{}.ndjson", cell.linking.name()))
}

impl Bed {
    pub(super) fn set_up(options: &BenchOptions) -> Result<Self, BenchError> {
        let failed = |error: &dyn std::error::Error| BenchError::SetUp(error.to_string());
        let runtime = || Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let (installer, servers) = (runtime().map_err(|e| failed(&e))?, runtime().map_err(|e| failed(&e))?);
        let packages = {
            let sizes = Sizes::NPM.divided_by(options.faster);
            Embedded::with_sizes(usize::from(options.packages), options.seed, sizes)
        };
        let (fresh, frozen) = (packages.project(), packages.frozen());

        let registry = servers
            .block_on(Registry::start(Catalogue::Embedded(Box::new(packages)), any_port()))
            .map_err(|e| failed(&e))?;
        let near = LinkProfile {
            latency: options.shortened(options.pnpr_server_registry_latency_ms),
            ..LinkProfile::default()
        };
        let near = Client::new(near, Limits::default()).map_err(|e| failed(&e))?.at_once(SERVER_AT_ONCE);
        let source = RegistryClient::new(near, NpmConfig::default().or_registry(registry.url().clone()));
        let packuments = Remembering::new(source, std::time::Duration::MAX);
        let start = || ResolutionServer::start(packuments.clone(), any_port());
        let (streaming, cached) = (start().map_err(|e| failed(&e))?, start().map_err(|e| failed(&e))?);

        let link = LinkProfile {
            latency: options.shortened(options.registry_latency_ms),
            bandwidth_bits_per_second: Some(options.registry_bandwidth_mbps * 1_000_000),
            ..LinkProfile::default()
        };
        let client = Client::new(link, Limits::default()).map_err(|e| failed(&e))?.at_once(CLIENT_AT_ONCE);
        // Before anything is made that a signal would leave behind.
        let stop = Stop::default();
        let listener = servers.block_on(async { Listener::start(&stop) }).map_err(|e| failed(&e))?;
        // A megabyte a package: of two stores and a project, and as much again.
        let room = u64::from(options.packages) << 20;
        let scratch = options.scratch.as_deref().map_or_else(|| Scratch::with_room(room), Scratch::at);
        let hot_store = scratch.dir().map_err(|e| failed(&e))?;
        let bed = Bed {
            reports: options.out.clone(),
            options: options.clone(),
            installer,
            registry,
            packuments,
            streaming,
            cached,
            _servers: servers,
            client,
            fresh,
            frozen,
            stop,
            listener,
            scratch,
            hot_store,
        };
        bed.clear_reports()?;
        bed.heat()?;
        Ok(bed)
    }

    /// Fills the hot store, and the cache of the server that has been asked before, by an install of each project.
    fn heat(&self) -> Result<(), BenchError> {
        let cells = [(Scenario::Fresh, Target::PnprCached), (Scenario::FrozenLockfile, Target::Pacquet)];
        for (scenario, target) in cells {
            let cell = Cell { scenario, target, linking: Linking::OnePass };
            self.install(cell, self.hot_store.path(), Scope::builder("install"))?;
        }
        Ok(())
    }

    /// Runs one install, and adds its report to those of its cell unless it only warms up (round 0).
    pub(super) fn run(&self, cell: Cell, round: u16) -> Result<Run, BenchError> {
        let file = report_file(&self.reports, cell);
        let mut scope = Scope::builder("install").threads(usize::from(self.options.threads));
        if round > 0 {
            scope = scope.report_to(file);
        }
        // One run of each way of linking, for the page to draw. Not all: a page of every link of every run would be too large.
        if cell.scenario == Scenario::Fresh
            && cell.target == Target::Pnpr
            && round == self.options.rounds_of(cell)
        {
            scope = scope.timeline();
        }
        let cold_store;
        let store = if cell.scenario == Scenario::HotStore {
            self.hot_store.path()
        } else {
            cold_store = self.dir()?;
            cold_store.path()
        };
        self.install(cell, store, scope).map(|summary| Run::new(cell, round, &summary))
    }

    fn install(
        &self,
        cell: Cell,
        store: &Path,
        scope: concurrency_probe::ScopeBuilder,
    ) -> Result<Summary, BenchError> {
        let failed = |source| BenchError::Run { cell, source };
        let project = self.dir()?;
        let lockfile = project.path().join("pnpm-lock.yaml");
        let server = |server: &ResolutionServer| {
            let client = ResolutionClient::new(self.client.clone(), server.url().clone());
            Source::Server(Box::new(client), lockfile.clone())
        };
        let source = match (cell.scenario, cell.target) {
            (Scenario::FrozenLockfile, _) => {
                self.frozen.1.write(&lockfile).map_err(|error| failed(error.into()))?;
                Source::Lockfile(lockfile)
            }
            (_, Target::Pacquet) => Source::Registry(lockfile),
            (_, Target::Pnpr) => {
                self.streaming.forget();
                self.packuments.retain(|name| self.is_known(name));
                server(&self.streaming)
            }
            (_, Target::PnprCached) => server(&self.cached),
        };
        let manifest = if cell.scenario == Scenario::FrozenLockfile { &self.frozen.0 } else { &self.fresh };
        let written = manifest.write(&project.path().join("package.json"));
        written.map_err(|error| failed(ResolutionError::from(error).into()))?;
        let options = Options {
            project: project.path().into(),
            source,
            store: store.into(),
            registry: RegistryClient::new(
                self.client.clone(),
                NpmConfig::default().or_registry(self.registry.url().clone()),
            ),
            linking: cell.linking,
            disk: self.options.disk(),
            stop: self.stop.clone(),
        };
        let mut scope = scope.open();
        let progress = Arc::new(Progress::hidden());
        let installed = self.installer.block_on(install(&mut scope, &options, &progress));
        // Everything that is in the scratch directory goes with the bed.
        self.listener
            .heard()
            .map_or_else(|| installed.map_err(failed), |signal| Err(BenchError::Interrupted(signal)))
    }

    /// Whether the server has parsed the packument of this package already: always the same ones.
    fn is_known(&self, name: &PackageName) -> bool {
        // FNV-1a: any hash will do that is the same in each run.
        let hash = name
            .as_str()
            .bytes()
            .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
        (hash >> 8) % 100 < u32::from(self.options.pnpr_server_knows_percent)
    }

    fn dir(&self) -> Result<ScratchDir, BenchError> {
        let path = self.scratch.path();
        self.scratch.dir().map_err(|source| BenchError::Write { path: path.into(), source })
    }

    /// Takes the reports of an earlier benchmark away, which would be taken for those of this one.
    fn clear_reports(&self) -> Result<(), BenchError> {
        let of_cell = |scenario: Scenario, target: Target, linking: Linking| {
            report_file(&self.reports, Cell { scenario, target, linking })
        };
        let targets = [Target::Pacquet, Target::Pnpr, Target::PnprCached];
        for file in Scenario::ALL
            .into_iter()
            .flat_map(|scenario| {
                targets.into_iter().flat_map(move |target| {
                    Linking::ALL.into_iter().map(move |linking| (scenario, target, linking))
                })
            })
            .map(|(scenario, target, linking)| of_cell(scenario, target, linking))
        {
            let failed = |path: &Path| {
                let path = path.to_owned();
                move |source| BenchError::Write { path, source }
            };
            if file.exists() {
                fs::remove_file(&file).map_err(failed(&file))?;
            }
            let dir = file.parent().unwrap_or(&self.reports);
            fs::create_dir_all(dir).map_err(failed(dir))?;
        }
        Ok(())
    }
}

fn any_port() -> std::net::SocketAddr {
    (std::net::Ipv4Addr::LOCALHOST, 0).into()
}
