//! `Lane::join` instead.
use concurrency_probe::{Lane, must_run_parallel, testing::with_lane};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) {
    assert!(slot > 0);
}

pub fn main() {
    with_lane(|lane| {
        lane.join(|lane| link_slot(lane, 7), |lane| link_slot(lane, 8));
    });
}
