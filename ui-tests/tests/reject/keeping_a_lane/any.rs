//! A lane hidden in a `Box<dyn Any>`.
use concurrency_probe::{Lane, must_run_parallel, testing::with_lane};
use std::any::Any;

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

fn hide(lane: Lane<'_>) -> Box<dyn Any> {
    Box::new(lane)
}

pub fn main() {
    let lane: Box<Lane<'static>> = with_lane(hide).downcast().unwrap();
    assert_eq!(link_slot(*lane, 7), 7);
}
