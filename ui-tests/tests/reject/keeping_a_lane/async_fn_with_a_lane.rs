//! An `async fn` that takes a lane, awaited outside of the pass.
use concurrency_probe::{Lane, must_run_parallel, testing::with_lane};
use futures::executor::block_on;

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

async fn link_later(lane: Lane<'_>, slot: u32) -> u32 {
    link_slot(lane, slot)
}

pub fn main() {
    assert_eq!(block_on(with_lane(|lane| link_later(lane, 7))), 7);
}
