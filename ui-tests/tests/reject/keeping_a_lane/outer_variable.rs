//! A lane kept in a variable around its `with_lane`.
use concurrency_probe::{Lane, must_run_parallel, testing::with_lane};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

pub fn main() {
    let mut kept = None;
    with_lane(|lane| kept = Some(lane));
    assert_eq!(kept.map(|lane| link_slot(lane, 7)), Some(7));
}
