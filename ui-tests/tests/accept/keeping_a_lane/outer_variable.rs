//! Its result is kept there.
use concurrency_probe::{Lane, must_run_parallel, testing::with_lane};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

pub fn main() {
    let mut kept = None;
    with_lane(|lane| kept = Some(link_slot(lane, 7)));
    assert_eq!(kept, Some(7));
}
