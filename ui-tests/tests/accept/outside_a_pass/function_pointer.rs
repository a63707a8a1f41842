//! Through a function pointer that takes the lane too.
use concurrency_probe::{Lane, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

async fn install(slot: u32) -> u32 {
    let link: fn(Lane<'_>, u32) -> u32 = link_slot;
    concurrency_probe::offload(move |lane| link(lane, slot)).await
}

pub fn main() {
    assert_eq!(futures::executor::block_on(install(7)), 7);
}
