//! The lane used once more after `lane.join`.
use concurrency_probe::{Lane, Scope, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

pub fn main() {
    let linked = Scope::open("install").pass("warm").map([1, 3, 5], |lane, slot| {
        let (one, other) = lane.join(|lane| link_slot(lane, slot), |lane| link_slot(lane, slot + 1));
        link_slot(lane, one + other)
    });
    assert_eq!(linked, [3, 7, 11]);
}
