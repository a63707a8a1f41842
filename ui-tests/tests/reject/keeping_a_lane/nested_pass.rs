//! The lane of an outer pass used in the lanes of an inner one.
use concurrency_probe::{Lane, Scope, must_run_parallel, testing::with_lane};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) {
    assert!(slot < 3);
}

pub fn main() {
    let mut scope = Scope::open("install");
    with_lane(|outer| scope.pass("warm").here().for_each(0..3, |_lane, slot| link_slot(outer, slot)));
}
