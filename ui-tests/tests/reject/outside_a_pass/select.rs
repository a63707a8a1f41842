//! A marked function called in a branch of `select!`.
use concurrency_probe::{Lane, must_run_parallel};
use std::future::pending;

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

async fn install(slot: u32) -> u32 {
    tokio::select! {
        linked = async { link_slot(slot) } => linked,
        cancelled = pending() => cancelled,
    }
}

pub fn main() {
    assert_eq!(futures::executor::block_on(install(7)), 7);
}
