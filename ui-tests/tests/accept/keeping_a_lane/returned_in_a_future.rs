//! The future is awaited in the lane.
use concurrency_probe::{Lane, Scope, must_run_parallel};
use futures::executor::block_on;

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

pub fn main() {
    let link = |lane: Lane<'_>, slot| block_on(async move { link_slot(lane, slot) });
    let linked = Scope::open("install").pass("warm").map(0..3, link);
    assert_eq!(linked, [0, 1, 2]);
}
