//! As long as it lasts.
use concurrency_probe::{Lane, must_run_parallel, testing::with_lane};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

fn the_same(lane: Lane<'_>) -> Lane<'_> {
    lane
}

pub fn main() {
    assert_eq!(with_lane(|lane| link_slot(the_same(lane), 7)), 7);
}
