//! `Lane::join` in the lane.
use concurrency_probe::{Lane, Scope, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) {
    assert!(slot > 0);
}

pub fn main() {
    let mut scope = Scope::open("install");
    scope.pass("packages").for_each([1, 3], |lane, package| {
        lane.join(|lane| link_slot(lane, package), |lane| link_slot(lane, package + 1));
    });
}
