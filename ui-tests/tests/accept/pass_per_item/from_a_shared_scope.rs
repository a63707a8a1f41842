//! From an exclusive one.
use concurrency_probe::{Lane, Scope, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) {
    assert!(slot > 0);
}

fn install(scope: &mut Scope) {
    scope.pass("warm").for_each(1..4, link_slot);
}

pub fn main() {
    install(&mut Scope::open("install"));
}
