//! Its result is leaked.
use concurrency_probe::{Lane, must_run_parallel, testing::with_lane};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

fn leak(lane: Lane<'_>) -> &'static mut Option<u32> {
    Box::leak(Box::new(Some(link_slot(lane, 7))))
}

pub fn main() {
    let leaked = with_lane(leak);
    assert_eq!(leaked.take(), Some(7));
}
