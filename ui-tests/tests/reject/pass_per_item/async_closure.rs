//! An async closure as what a pass runs: it would only build futures.
use concurrency_probe::{Lane, Scope, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) {
    assert!(slot > 0);
}

pub fn main() {
    let mut scope = Scope::open("install");
    scope.pass("warm").for_each(1..4, async |lane, slot| link_slot(lane, slot));
}
