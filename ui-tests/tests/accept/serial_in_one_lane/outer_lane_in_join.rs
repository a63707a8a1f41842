//! The lane that the closure is given.
use concurrency_probe::{Lane, Scope, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

pub fn main() {
    let linked = Scope::open("install").pass("warm").map([1, 3, 5], |lane, slot| {
        lane.join(|one| link_slot(one, slot), |other| link_slot(other, slot + 1))
    });
    assert_eq!(linked, [(1, 2), (3, 4), (5, 6)]);
}
