//! A lane returned from `with_lane`.
use concurrency_probe::{Lane, must_run_parallel, testing::with_lane};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

pub fn main() {
    let lane = with_lane(|lane| lane);
    assert_eq!(link_slot(lane, 7), 7);
}
