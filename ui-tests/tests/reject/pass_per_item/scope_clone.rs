//! A scope cloned for each item.
use concurrency_probe::{Lane, Scope, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) {
    assert!(slot > 0);
}

pub fn main() {
    let scope = Scope::open("install");
    for slot in 1..4 {
        scope.clone().pass("warm").for_each([slot], link_slot);
    }
}
