//! A marked function called through a function pointer without a lane.
use concurrency_probe::{Lane, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

async fn install(slot: u32) -> u32 {
    let link: fn(u32) -> u32 = link_slot;
    link(slot)
}

pub fn main() {
    assert_eq!(futures::executor::block_on(install(7)), 7);
}
