//! A lane made to last longer.
use concurrency_probe::{Lane, must_run_parallel, testing::with_lane};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

fn for_ever(lane: Lane<'_>) -> Lane<'static> {
    lane
}

pub fn main() {
    assert_eq!(with_lane(|lane| link_slot(for_ever(lane), 7)), 7);
}
