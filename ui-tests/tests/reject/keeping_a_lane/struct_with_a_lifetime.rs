//! A lane kept in a struct with a lifetime, which outlives the pass.
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
    let mut linker = Linker::default();
    with_lane(|lane| {
        linker.lane = Some(lane);
    });
    assert_eq!(linker.lane.map(|lane| link_slot(lane, 7)), Some(7));
}
