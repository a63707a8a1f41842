//! From an async closure, through `offload`.
use concurrency_probe::{Lane, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

pub fn main() {
    let install = async |slot: u32| concurrency_probe::offload(move |lane| link_slot(lane, slot)).await;
    assert_eq!(futures::executor::block_on(install(7)), 7);
}
