//! The installer: resolve, download, link.
//!
//! It is the example of how to use concurrency-probe in a program that mixes async and rayon:
//!
//! - One [`Scope`] is one install. It is opened by the caller, who reads its report; everything below takes it as a
//!   parameter.
//! - The function that blocks, [`create_virtual_dir_by_snapshot`], is *probed* and *marked*: it is called with a `Lane`, and
//!   only a pass has those.
//! - `link_slots_parallel` takes a `Pass`, the right to run one. Warm packages and cold ones go through it, or through
//!   `Pass::drive` as they arrive: see [`Linking`].
//! - What the install claims it counts (`warm`, `cold`, `failed`, `linked`), so that a gate can compare the sums.

mod bins;
mod collate;
mod commands;
mod downloads;
mod error;
#[cfg(unix)]
mod executable;
mod hoist;
mod import;
mod installed;
mod layout;
mod linking;
mod longest_poll;
mod made;
mod modules;
mod node;
mod overrides;
mod partition;
mod paths;
mod pattern;
mod plan;
mod progress;
mod resolution;
mod resolution_error;
mod setting;
mod setting_sources;
mod settings;
mod shim;
mod site;
mod slot;
mod slot_job;
mod stop;
mod summary;
mod symlink;
mod top_level;
mod top_link;
mod unpackers;

pub use downloads::{Download, DownloadError, Downloads, Wanted};
pub use error::InstallError;
pub use import::Importer;
pub use linking::Linking;
pub use modules::ModulesDir;
pub use progress::Progress;
pub use resolution::Source;
pub use resolution_error::ResolutionError;
pub use setting::SettingsError;
pub use site::{Failed, LinkSite, SlowDisk};
pub use slot::{Slot, SlotLink};
pub use slot_job::{SlotJob, create_virtual_dir_by_snapshot};
pub use stop::Stop;
pub use summary::Summary;
pub use unpackers::Unpacking;

use crate::lockfile::Lockfile;
use crate::net::RegistryClient;
use crate::store::{Store, StoreError};
use concurrency_probe::Scope;
use futures::future::join_all;
use layout::Layout;
use linking::{Arriving, link_slots_parallel};
use longest_poll::longest_poll;
use modules::Adopted;
use partition::Partition;
use plan::Plan;
use resolution::Input;
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::task::JoinHandle;

/// What is installed where, and how.
#[derive(Clone, Debug)]
pub struct Options {
    /// The directory of the project.
    pub project: PathBuf,
    /// Says which packages.
    pub source: Source,
    /// The directory of the store.
    pub store: PathBuf,
    /// Has the packages.
    pub registry: RegistryClient,
    /// When cold packages are linked.
    pub linking: Linking,
    /// What links are written to.
    pub disk: SlowDisk,
    /// Ends the install early.
    pub stop: Stop,
}

/// Installs a project.
///
/// # Errors
///
/// The first thing that went wrong. What was downloaded before it is kept, no slot is half made, and a lockfile that was to be
/// written is not.
pub async fn install(
    scope: &mut Scope,
    options: &Options,
    progress: &Arc<Progress>,
) -> Result<Summary, InstallError> {
    ModulesDir::check(&options.project)?;
    let resolving = !matches!(options.source, Source::Lockfile(_));
    Layout::check(&options.project, resolving)?;
    // Nothing is made before everything that can be refused has been looked at.
    let input = {
        let _phase = scope.phase("resolve");
        resolution::read(options)?
    };
    let planned = match &input {
        Input::Lockfile(lockfile) => Some(Planned::new(options, lockfile, progress)?),
        Input::Manifest(_) => None,
    };
    let store = Arc::new(Store::open(&options.store)?);
    let writer = store.index().writer()?;
    let downloads = Downloads::new(&options.registry, &store, writer.rows(), progress)?;

    let lockfile = {
        let _phase = scope.phase("resolve");
        let resolving = resolution::resolve(scope, options, input, &downloads, progress);
        unless_stopped(&options.stop, resolving).await?
    };
    let planned = match planned {
        Some(planned) => planned,
        None => Planned::new(options, &lockfile, progress)?,
    };
    // Until the lockfile is written too.
    let modules = Arc::new(ModulesDir::open(&options.project)?);
    let laying_out = lay_out(scope, options, &planned, &modules, &store, &downloads, progress);
    let installed = unless_stopped(&options.stop, laying_out).await;
    let installed = match (installed, writer.finish()) {
        (Ok(failed), Ok(())) => resolution::write(options, &lockfile).map(|()| failed).map_err(Into::into),
        (Ok(_), Err(error)) => Err(error.into()),
        (Err(error), _) => {
            if error.is_of_store() {
                // What went wrong is the first error, whatever comes of this.
                let _ = forget_what_is_lost(&planned.plan, &store);
            }
            Err(error)
        }
    };
    modules.close();
    let failed = installed?;

    Ok(Summary::new(scope.report(), failed, progress.downloads()))
}

/// Goes on until it is stopped. What blocks in it asks for itself: while it does, nothing here is polled.
async fn unless_stopped<T>(
    stop: &Stop,
    work: impl Future<Output = Result<T, InstallError>>,
) -> Result<T, InstallError> {
    tokio::select! {
        biased;
        () = stop.stopped() => Err(InstallError::Stopped),
        done = work => done,
    }
}

/// Makes the `node_modules` of a project what a lockfile says, with packages that are in the store, or on their way into it.
///
/// Which of them are warm, and which cold, is decided once, at the beginning: a package that the index of the store has then
/// is warm. Returns the optional packages that could not be had. [`install`] does more than this; it is for tests that decide themselves what is
/// cold.
///
/// # Errors
///
/// As [`install`].
pub async fn materialize(
    scope: &mut Scope,
    options: &Options,
    modules: &Arc<ModulesDir>,
    lockfile: &Lockfile,
    store: &Arc<Store>,
    downloads: &Downloads,
    progress: &Arc<Progress>,
) -> Result<Vec<Failed>, InstallError> {
    let planned = Planned::new(options, &Arc::new(lockfile.clone()), progress)?;
    lay_out(scope, options, &planned, modules, store, downloads, progress).await
}

/// What is to be laid out, and how.
struct Planned {
    plan: Plan,
    layout: Layout,
    lockfile: Arc<Lockfile>,
}

impl Planned {
    /// Nothing is made here, so that whatever is wrong leaves the project as it was.
    fn new(options: &Options, lockfile: &Arc<Lockfile>, progress: &Progress) -> Result<Self, InstallError> {
        let layout = Layout::load(&options.project, lockfile)?;
        let mut plan = Plan::new(lockfile, options.source.path(), &layout)?;
        for unsuitable in std::mem::take(&mut plan.unsuitable) {
            if layout.is_strict {
                return Err(unsuitable.into());
            }
            progress.warn(&unsuitable.to_string());
        }
        ModulesDir::check_plan(&options.project, &plan, &layout)?;
        Ok(Planned { plan, layout, lockfile: Arc::clone(lockfile) })
    }
}

/// Makes of it what [`materialize`] says.
async fn lay_out(
    scope: &mut Scope,
    options: &Options,
    Planned { plan, layout, lockfile }: &Planned,
    modules: &Arc<ModulesDir>,
    store: &Arc<Store>,
    downloads: &Downloads,
    progress: &Arc<Progress>,
) -> Result<Vec<Failed>, InstallError> {
    let _phase = scope.phase("create_virtual_store");
    let Adopted { there, old } = modules.adopt(plan, lockfile, layout)?;
    let site = Arc::new(LinkSite::new(store, modules, Importer::by(layout.import), options, progress));
    let Partition { warm, cold } = Partition::new(plan, &there, &site)?;

    scope.count("warm", warm.len() as u64);
    scope.count("cold", cold.len() as u64);
    scope.count("kept", there.iter().filter(|there| **there).count() as u64);
    scope.count("skipped", plan.skipped as u64);
    progress.to_link(warm.len() + cold.len());

    // The downloads go on while warm packages are linked.
    let (cold, downloaded) = start(scope, options, downloads, cold)?;
    {
        let _phase = scope.phase("link_warm");
        link_slots_parallel(scope.pass("warm"), &warm)?;
    }
    {
        let _phase = scope.phase("link_cold");
        let (linked, stall) = longest_poll(options.linking.link(scope, cold)).await;
        // What it costs the others in its task: of downloads that are waited for there, none goes on meanwhile.
        scope.count("link_stall_us", u64::try_from(stall.as_micros()).unwrap_or(u64::MAX));
        linked?;
    }
    // All have ended, but the task that measures them may not have been polled since.
    let _ = downloaded.await;
    scope.count("linked", site.count_linked());
    let failed = site.failures();
    scope.count("failed", failed.len() as u64);

    let _phase = scope.phase("bins");
    let gone: Vec<String> = failed.iter().map(|failed| failed.slot.directory.clone()).collect();
    site.modules.settle(plan, &gone)?;
    top_level::link(plan, old.as_ref(), &site.modules, &gone)?;
    let bins = bins::link(plan, layout, &site.modules, &gone)?;
    scope.count("bins", bins as u64);
    Ok(failed)
}

/// Starts the downloads of what is cold. Most are on their way already, since the package was resolved.
///
/// The task ends with the last download. It measures the phase.
fn start(
    scope: &Scope,
    options: &Options,
    downloads: &Downloads,
    cold: Vec<SlotJob>,
) -> Result<(Vec<Arriving>, JoinHandle<()>), InstallError> {
    let phase = scope.phase("download");
    let needed = scope.batch("needed");
    let begin = |job: SlotJob| {
        let slot = &job.slot;
        let usual = || options.registry.tarball_url(&slot.package);
        let unknown = |source| {
            InstallError::Download(Arc::new(DownloadError::Fetch { package: slot.package.clone(), source }))
        };
        let tarball = slot.tarball.clone().map_or_else(usual, Ok).map_err(unknown)?;
        let wanted = Wanted { package: slot.package.clone(), integrity: slot.integrity.clone(), tarball };
        Ok(Arriving { download: downloads.start(&needed, &wanted)?, job })
    };
    let arriving = cold.into_iter().map(begin).collect::<Result<Vec<_>, InstallError>>()?;
    let all = join_all(arriving.iter().map(|arriving| arriving.download.clone()));
    let downloaded = tokio::spawn(async move {
        all.await;
        drop(phase);
    });
    Ok((arriving, downloaded))
}

/// A file that the index promises is not in the store: so that the next install fetches it, and all that went with it, their
/// packages are forgotten. Once the index has all that was downloaded, as that may be lost too.
fn forget_what_is_lost(plan: &Plan, store: &Store) -> Result<(), StoreError> {
    let wanted = plan.slots.iter().map(|slot| (&slot.package, slot.integrity.as_str()));
    let known = store.index().reader()?.snapshot(wanted)?;
    let lost = known.iter().filter(|(_, files)| files.files.iter().any(|file| !store.content().has(file)));
    let lost: HashSet<String> = lost.map(|(package, _)| package.to_string()).collect();
    store.index().retain(|package| !lost.contains(package))
}
