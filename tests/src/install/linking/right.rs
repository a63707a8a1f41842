//! Ways of linking that overlap.

use super::arriving::Arriving;
use super::link_slots_parallel;
use crate::install::InstallError;
use crate::install::slot_job::{SlotJob, create_virtual_dir_by_snapshot};
use concurrency_probe::{Pass, Scope};
use futures::future::try_join_all;
use futures::stream::{FuturesUnordered, StreamExt, TryStreamExt};
use std::pin::pin;

/// How many packages pnpm collects before it links them.
pub(super) const CHUNK: usize = 32;

/// Waits for all downloads and links them in one pass. The task is blocked for as long as that takes.
pub(super) async fn one_pass(install: &mut Scope, cold: Vec<Arriving>) -> Result<(), InstallError> {
    let slots: Vec<Option<SlotJob>> = try_join_all(cold.into_iter().map(Arriving::arrive)).await?;
    link_slots_parallel(install.pass("cold"), &slots.into_iter().flatten().collect::<Vec<_>>())
}

/// Hands each package to the pool as it arrives. The task is never blocked.
pub(super) async fn streamed(pass: Pass<'_>, cold: Vec<Arriving>) -> Result<(), InstallError> {
    let arrivals: FuturesUnordered<_> = cold.into_iter().map(Arriving::arrive).collect();
    let slots = arrivals.filter_map(async |arrived| arrived.transpose());
    pass.drive(slots, |lane, slot| create_virtual_dir_by_snapshot(lane, &slot)).await
}

/// Collects packages as they arrive, and links [`CHUNK`] of them in a pass, as pnpm does since August 2026
/// (<https://github.com/pnpm/pnpm/pull/13934>). Links overlap, and each pass blocks the task that waits for downloads: a pass runs under
/// tokio's `block_in_place`, which moves other tasks away, and not the futures of this one.
pub(super) async fn chunked(install: &mut Scope, cold: Vec<Arriving>) -> Result<(), InstallError> {
    let arrivals: FuturesUnordered<_> = cold.into_iter().map(Arriving::arrive).collect();
    let slots = arrivals.filter_map(async |arrived| arrived.transpose());
    let mut chunks = pin!(slots.try_chunks(CHUNK));
    while let Some(chunk) = chunks.next().await {
        link_slots_parallel(install.pass("cold"), &chunk.map_err(|error| error.1)?)?;
    }
    Ok(())
}
