//! Ways of linking that do not overlap, so that there is something for a test and a benchmark to catch.

use super::arriving::Arriving;
use super::{link_slots_parallel, right};
use crate::install::InstallError;
use crate::install::slot_job::create_virtual_dir_by_snapshot;
use concurrency_probe::{Scope, offload};
use futures::future::try_join_all;
use std::sync::{Mutex, PoisonError};

/// The bug. As it was first written it does not compile any more: a future has no `Lane` to call
/// [`create_virtual_dir_by_snapshot`] with. Nor can the futures share the scope, to start a pass each; but through a lock they
/// can, and that is what this does.
pub(super) async fn inline(install: &mut Scope, cold: Vec<Arriving>) -> Result<(), InstallError> {
    let install = Mutex::new(install);
    let links = cold.into_iter().map(async |arriving| {
        let Some(slot) = arriving.arrive().await? else { return Ok(()) };
        let mut install = install.lock().unwrap_or_else(PoisonError::into_inner);
        link_slots_parallel(install.pass("cold"), &[slot])
    });
    try_join_all(links).await.map(drop)
}

/// The natural repair that does not repair: the pool does the link, so that no task is blocked, and the loop waits for each before it goes on to
/// the next. Without a batch of its own, an offload is counted in the library's batch `offload`.
pub(super) async fn offload_each(install: &Scope, cold: Vec<Arriving>) -> Result<(), InstallError> {
    let links = async {
        for arriving in cold {
            if let Some(slot) = arriving.arrive().await? {
                offload(move |lane| create_virtual_dir_by_snapshot(lane, &slot)).await?;
            }
        }
        Ok(())
    };
    install.attach(links).await
}

/// All threads of the pool are inside of a link, and one is at work: the links share a lock (see `Turns`). No
/// count of threads sees it; times do.
pub(super) async fn convoy(install: &mut Scope, cold: Vec<Arriving>) -> Result<(), InstallError> {
    right::streamed(install.pass("cold"), cold).await
}
