//! Handed to one that gives it the lane.
use concurrency_probe::{Lane, Scope, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

pub fn main() {
    let mut scope = Scope::open("install");
    scope.count("slots", 1);
    let linked = scope.pass("warm").map([7], link_slot);
    assert_eq!(linked, [7]);
}
