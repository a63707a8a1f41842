//! One pass in every round of a `for` loop.
use concurrency_probe::{Lane, Scope, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) {
    assert!(slot > 0);
}

pub fn main() {
    let mut scope = Scope::open("install");
    let pass = scope.pass("warm");
    for slot in 1..4 {
        pass.for_each([slot], link_slot);
    }
}
