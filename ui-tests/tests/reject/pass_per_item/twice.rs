//! The same pass run twice.
use concurrency_probe::{Lane, Scope, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) {
    assert!(slot > 0);
}

pub fn main() {
    let mut scope = Scope::open("install");
    let pass = scope.pass("warm");
    pass.for_each(1..4, link_slot);
    pass.for_each(4..7, link_slot);
}
