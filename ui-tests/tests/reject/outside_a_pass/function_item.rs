//! A marked function handed to a method that knows no lane.
use concurrency_probe::{Lane, Scope, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

pub fn main() {
    let mut scope = Scope::open("install");
    scope.count("slots", 1);
    let linked = [7].map(link_slot);
    assert_eq!(linked, [7]);
}
