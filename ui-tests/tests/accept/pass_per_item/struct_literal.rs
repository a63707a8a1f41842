//! From a scope.
use concurrency_probe::{Lane, Pass, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) {
    assert!(slot > 0);
}

pub fn main() {
    let mut scope = concurrency_probe::Scope::open("install");
    let pass: Pass<'_> = scope.pass("warm");
    pass.for_each(1..4, link_slot);
}
