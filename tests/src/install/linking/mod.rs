//! `Linking`: when cold packages are linked, and how parallel that is.

mod arriving;
mod right;
mod wrong;

pub(super) use arriving::Arriving;

use super::InstallError;
use super::slot_job::{SlotJob, create_virtual_dir_by_snapshot};
use concurrency_probe::{Pass, Scope};

/// When cold packages, whose downloads are under way, are linked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, clap::ValueEnum)]
pub enum Linking {
    /// The bug: each download's future links its own package. Every link is parallel in itself, and as it blocks the task
    /// that all the futures are in, one link runs after another.
    Inline,
    /// All links in one pass, after all downloads.
    OnePass,
    /// Each package goes to the pool as it arrives, while the others are still downloading.
    Streamed,
    /// A pass for every 32 packages that have arrived, between downloads, as pnpm has it.
    Chunked,
    /// Wrong: as `streamed`, with a lock that each link takes.
    Convoy,
    /// Wrong: the pool links one package at a time, as each link is waited for.
    OffloadEach,
}

impl Linking {
    /// All of them, the bug first.
    pub const ALL: [Linking; 6] = [
        Linking::Inline,
        Linking::OnePass,
        Linking::Streamed,
        Linking::Chunked,
        Linking::Convoy,
        Linking::OffloadEach,
    ];

    /// As on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Linking::Inline => "inline",
            Linking::OnePass => "one-pass",
            Linking::Streamed => "streamed",
            Linking::Chunked => "chunked",
            Linking::Convoy => "convoy",
            Linking::OffloadEach => "offload-each",
        }
    }

    /// Whether links run at once, as a probe sees it: of `convoy`, which waits in its links, they do.
    pub fn overlaps(self) -> bool {
        !matches!(self, Linking::Inline | Linking::OffloadEach)
    }

    /// Whether a link waits for the one before it, where it waits for the disk.
    pub(super) fn takes_turns(self) -> bool {
        self == Linking::Convoy
    }

    /// Links packages whose downloads are under way.
    pub(super) async fn link(self, install: &mut Scope, cold: Vec<Arriving>) -> Result<(), InstallError> {
        match self {
            Linking::Inline => wrong::inline(install, cold).await,
            Linking::OnePass => right::one_pass(install, cold).await,
            Linking::Streamed => right::streamed(install.pass("cold"), cold).await,
            Linking::Chunked => right::chunked(install, cold).await,
            Linking::Convoy => wrong::convoy(install, cold).await,
            Linking::OffloadEach => wrong::offload_each(install, cold).await,
        }
    }
}

/// Links slots. The [`Pass`] is the right to do so in parallel, once.
pub(super) fn link_slots_parallel(pass: Pass<'_>, slots: &[SlotJob]) -> Result<(), InstallError> {
    pass.try_for_each(slots, create_virtual_dir_by_snapshot)
}
