//! A pass in an `Arc`, run from there.
use concurrency_probe::{Lane, Scope, must_run_parallel};
use std::sync::Arc;

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) {
    assert!(slot > 0);
}

pub fn main() {
    let mut scope = Scope::open("install");
    let pass = Arc::new(scope.pass("warm"));
    pass.for_each(1..4, link_slot);
}
