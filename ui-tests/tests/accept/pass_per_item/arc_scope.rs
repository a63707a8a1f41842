//! From the scope itself.
use concurrency_probe::{Lane, Scope, must_run_parallel};
use std::sync::Arc;

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) {
    assert!(slot > 0);
}

pub fn main() {
    let (mut scope, _shared) = (Scope::open("install"), Arc::new(()));
    scope.pass("warm").for_each(1..4, link_slot);
}
