//! A lane thrown out of its pass as a panic payload.
use concurrency_probe::{Lane, must_run_parallel, testing::with_lane};
use std::panic::{catch_unwind, resume_unwind};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

pub fn main() {
    let thrown = catch_unwind(|| with_lane(|lane| resume_unwind(Box::new(lane))));
    let thrown: Box<Lane<'static>> = thrown.map(|()| ()).unwrap_err().downcast().unwrap();
    assert_eq!(link_slot(*thrown, 7), 7);
}
