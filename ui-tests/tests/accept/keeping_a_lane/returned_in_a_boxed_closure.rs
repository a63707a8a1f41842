//! The box is called in the lane.
use concurrency_probe::{Lane, must_run_parallel, testing::with_lane};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

fn later<'lane>(lane: Lane<'lane>) -> Box<dyn FnOnce(u32) -> u32 + 'lane> {
    Box::new(move |slot| link_slot(lane, slot))
}

pub fn main() {
    let linked = with_lane(|lane| later(lane)(7));
    assert_eq!(linked, 7);
}
