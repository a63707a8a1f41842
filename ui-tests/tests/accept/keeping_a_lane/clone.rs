//! `Lane::join`, which makes two of one.
use concurrency_probe::{Lane, Scope, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

pub fn main() {
    let linked = Scope::open("install")
        .pass("warm")
        .map([7], |lane, slot| lane.join(|lane| link_slot(lane, slot), |lane| link_slot(lane, slot + 1)));
    assert_eq!(linked, [(7, 8)]);
}
