//! A unit test has `testing::with_lane`.
use concurrency_probe::{Lane, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

pub fn main() {
    assert_eq!(concurrency_probe::testing::with_lane(|lane| link_slot(lane, 7)), 7);
}
