//! Its result is.
use concurrency_probe::{Lane, must_run_parallel, testing::with_lane};
use std::any::Any;

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

fn hide(lane: Lane<'_>) -> Box<dyn Any> {
    Box::new(link_slot(lane, 7))
}

pub fn main() {
    let linked: Box<u32> = with_lane(hide).downcast().unwrap();
    assert_eq!(*linked, 7);
}
