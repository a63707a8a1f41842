//! A pass for each.
use concurrency_probe::{Lane, Scope, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) {
    assert!(slot > 0);
}

pub fn main() {
    let mut scope = Scope::open("install");
    let [warm, cold] = scope.passes(["warm", "cold"]);
    warm.for_each(1..4, link_slot);
    cold.for_each(4..7, link_slot);
}
