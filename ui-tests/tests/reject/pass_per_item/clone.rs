//! A pass cloned for each item.
use concurrency_probe::{Lane, Scope, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) {
    assert!(slot > 0);
}

pub fn main() {
    let mut scope = Scope::open("install");
    let pass = scope.pass("warm");
    for slot in 1..4 {
        pass.clone().for_each([slot], link_slot);
    }
}
