//! A pass from a shared reference to the scope.
use concurrency_probe::{Lane, Scope, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) {
    assert!(slot > 0);
}

fn install(scope: &Scope) {
    scope.pass("warm").for_each(1..4, link_slot);
}

pub fn main() {
    install(&Scope::open("install"));
}
