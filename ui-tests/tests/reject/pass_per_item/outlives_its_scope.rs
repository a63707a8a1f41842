//! A pass that outlives its scope.
use concurrency_probe::{Lane, Pass, Scope, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) {
    assert!(slot > 0);
}

fn warm() -> Pass<'static> {
    let mut scope = Scope::open("install");
    scope.pass("warm")
}

pub fn main() {
    warm().for_each([1, 2], link_slot);
}
