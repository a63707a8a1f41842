//! `Linking`: when cold packages are linked, and how parallel that is.

use super::InstallError;
use super::downloads::Download;
use super::slot::{SlotJob, create_virtual_dir_by_snapshot};
use concurrency_probe::{Pass, Scope};
use futures::future::try_join_all;
use futures::stream::{FuturesUnordered, StreamExt};
use std::sync::{Mutex, PoisonError};

/// When cold packages, whose downloads are under way, are linked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, clap::ValueEnum)]
pub enum Linking {
    /// The bug: each download's future links its own package. Every link is parallel in itself, and as it blocks the task
    /// that all the futures are in, one link runs after another.
    Inline,
    /// All links in one pass, after all downloads.
    OnePass,
    /// Each package goes to the pool as it arrives, while the others are still downloading.
    Streamed,
}

impl Linking {
    /// All of them, the bug first.
    pub const ALL: [Linking; 3] = [Linking::Inline, Linking::OnePass, Linking::Streamed];

    /// As on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Linking::Inline => "inline",
            Linking::OnePass => "one-pass",
            Linking::Streamed => "streamed",
        }
    }

    /// Links packages whose downloads are under way.
    pub(super) async fn link(self, install: &mut Scope, cold: Vec<Arriving>) -> Result<(), InstallError> {
        match self {
            Linking::Inline => link_inline(install, cold).await,
            Linking::OnePass => link_in_one_pass(install, cold).await,
            Linking::Streamed => link_streamed(install.pass("cold"), cold).await,
        }
    }
}

/// A package that is being downloaded, and where it is to be linked.
pub(super) struct Arriving {
    pub(super) download: Download,
    pub(super) job: SlotJob,
}

impl Arriving {
    /// Waits for the download. `None` if the registry has no such package and nobody needs it.
    async fn arrive(self) -> Result<Option<SlotJob>, InstallError> {
        match self.download.await {
            Ok(files) => Ok(Some(SlotJob { files, ..self.job })),
            Err(why) if self.job.slot.optional && why.is_absence() => {
                self.job.site.failed(&self.job.slot, why);
                Ok(None)
            }
            Err(error) => Err(InstallError::Download(error)),
        }
    }
}

/// Links slots. The [`Pass`] is the right to do so in parallel, once.
pub(super) fn link_slots_parallel(pass: Pass<'_>, slots: &[SlotJob]) -> Result<(), InstallError> {
    pass.try_for_each(slots, create_virtual_dir_by_snapshot)
}

/// The bug. As it was first written it does not compile any more: a future has no `Lane` to call
/// [`create_virtual_dir_by_snapshot`] with. Nor can the futures share the scope, to start a pass each; but through a lock they
/// can, and that is what this does, so that there is something for a test and a benchmark to catch.
async fn link_inline(install: &mut Scope, cold: Vec<Arriving>) -> Result<(), InstallError> {
    let install = Mutex::new(install);
    let links = cold.into_iter().map(async |arriving| {
        let Some(slot) = arriving.arrive().await? else { return Ok(()) };
        let mut install = install.lock().unwrap_or_else(PoisonError::into_inner);
        link_slots_parallel(install.pass("cold"), &[slot])
    });
    try_join_all(links).await.map(drop)
}

/// Waits for all downloads and links them in one pass.
async fn link_in_one_pass(install: &mut Scope, cold: Vec<Arriving>) -> Result<(), InstallError> {
    let slots: Vec<Option<SlotJob>> = try_join_all(cold.into_iter().map(Arriving::arrive)).await?;
    link_slots_parallel(install.pass("cold"), &slots.into_iter().flatten().collect::<Vec<_>>())
}

/// Hands each package to the pool as it arrives; the task is never blocked.
async fn link_streamed(pass: Pass<'_>, cold: Vec<Arriving>) -> Result<(), InstallError> {
    let arrivals: FuturesUnordered<_> = cold.into_iter().map(Arriving::arrive).collect();
    let slots = arrivals.filter_map(async |arrived| arrived.transpose());
    pass.drive(slots, |lane, slot| create_virtual_dir_by_snapshot(lane, &slot)).await
}
