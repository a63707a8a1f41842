//! The struct lives in the lane.
use concurrency_probe::{Lane, must_run_parallel, testing::with_lane};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

#[derive(Default)]
struct Linker<'lane> {
    lane: Option<Lane<'lane>>,
}

pub fn main() {
    with_lane(|lane| {
        let mut linker = Linker::default();
        linker.lane = Some(lane);
        assert_eq!(linker.lane.map(|lane| link_slot(lane, 7)), Some(7));
    });
}
