//! Its result is thrown.
use concurrency_probe::{Lane, must_run_parallel, testing::with_lane};
use std::panic::{catch_unwind, resume_unwind};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

pub fn main() {
    let thrown = catch_unwind(|| with_lane(|lane| resume_unwind(Box::new(link_slot(lane, 7)))));
    let thrown: Box<u32> = thrown.map(|()| ()).unwrap_err().downcast().unwrap();
    assert_eq!(*thrown, 7);
}
