//! The scope is dropped after it.
use concurrency_probe::{Lane, Scope, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) {
    assert!(slot > 0);
}

pub fn main() {
    let mut scope = Scope::open("install");
    let pass = scope.pass("warm");
    pass.for_each([1, 2], link_slot);
    drop(scope);
}
