//! A lane returned inside a `Box<dyn FnOnce>`.
use concurrency_probe::{Lane, must_run_parallel, testing::with_lane};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

fn later(lane: Lane<'_>) -> Box<dyn FnOnce(u32) -> u32> {
    Box::new(move |slot| link_slot(lane, slot))
}

pub fn main() {
    let link = with_lane(later);
    assert_eq!(link(7), 7);
}
