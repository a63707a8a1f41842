//! The caller keeps the scope.
use concurrency_probe::{Lane, Pass, Scope, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) {
    assert!(slot > 0);
}

fn warm(scope: &mut Scope) -> Pass<'_> {
    scope.pass("warm")
}

pub fn main() {
    warm(&mut Scope::open("install")).for_each([1, 2], link_slot);
}
