//! The bug, on purpose: a marked function and a [`Pass`](concurrency_probe::Pass) keep it out of a program.

use crate::error::Error;
use crate::slot::{Slot, link_slot};
use crate::tally::Tally;
use concurrency_probe::testing::with_lane;
use concurrency_probe::{Scope, concurrency_probe};
use futures::executor::block_on;
use futures::future::try_join_all;

/// Links many slots, each in a future of its own, and all futures in one task. It looks concurrent.
pub(crate) fn link_slots(install: &Scope, slots: &[Slot<'_>]) -> Result<Tally, Error> {
    let linked = install.run(|| block_on(try_join_all(slots.iter().map(download_and_link))))?;
    Ok(linked.into_iter().sum())
}

/// The link blocks the poll of this future, so that no other future is polled. Without `with_lane`,
/// which is for tests, it would not compile: a future has no lane.
#[concurrency_probe(scope = "install", polls)]
async fn download_and_link(slot: &Slot<'_>) -> Result<Tally, Error> {
    downloaded(slot).await;
    with_lane(|lane| link_slot(lane, slot))
}

/// Replaces the download that a real installer awaits here.
async fn downloaded(slot: &Slot<'_>) {
    std::future::ready(slot).await;
}
