//! A pass in a lane of its own scope.
use concurrency_probe::{Lane, Scope, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) {
    assert!(slot > 0);
}

pub fn main() {
    let mut scope = Scope::open("install");
    scope.pass("packages").for_each([1, 3], |_lane, package| {
        scope.pass("slots").for_each([package, package + 1], link_slot);
    });
}
