//! A lane taken into `Scope::run`, which may be a worker of another pool.
use concurrency_probe::{Lane, Scope, must_run_parallel, testing::with_lane};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

pub fn main() {
    let scope = Scope::open("install");
    assert_eq!(with_lane(|lane| scope.run(move || link_slot(lane, 7))), 7);
}
