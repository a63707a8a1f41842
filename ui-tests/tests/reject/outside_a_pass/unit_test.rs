//! A marked function called directly in a unit test.
use concurrency_probe::{Lane, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

pub fn main() {
    assert_eq!(link_slot(7), 7);
}
