//! Its result is returned.
use concurrency_probe::{Lane, must_run_parallel, testing::with_lane};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

pub fn main() {
    let linked = with_lane(|lane| link_slot(lane, 7));
    assert_eq!(linked, 7);
}
