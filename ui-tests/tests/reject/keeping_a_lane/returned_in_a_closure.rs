//! A lane returned inside a closure that would link later.
use concurrency_probe::{Lane, must_run_parallel, testing::with_lane};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

pub fn main() {
    let link = with_lane(|lane| move |slot| link_slot(lane, slot));
    assert_eq!(link(7), 7);
}
