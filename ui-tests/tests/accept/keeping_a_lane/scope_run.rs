//! `Scope::run` inside the lane, which stays there.
use concurrency_probe::{Lane, Scope, must_run_parallel, testing::with_lane};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

pub fn main() {
    let scope = Scope::open("install");
    assert_eq!(with_lane(|lane| link_slot(lane, scope.run(|| 7))), 7);
}
