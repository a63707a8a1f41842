//! One pass over all items.
use concurrency_probe::{Lane, Scope, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) {
    assert!(slot > 0);
}

pub fn main() {
    let mut scope = Scope::open("install");
    scope.pass("warm").for_each(1..4, link_slot);
}
