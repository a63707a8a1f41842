//! An iterator that would hand the lane out again and again.
use concurrency_probe::{Lane, must_run_parallel, testing::with_lane};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

pub fn main() {
    let linked: Vec<u32> = with_lane(|lane| {
        let lanes = std::iter::repeat_with(|| lane);
        lanes.zip(0..3).map(|(lane, slot)| link_slot(lane, slot)).collect()
    });
    assert_eq!(linked, [0]);
}
