//! The parallel iterator is given to a pass.
use concurrency_probe::{Lane, Scope, must_run_parallel};
use rayon::prelude::*;

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: &u32) -> u32 {
    *slot
}

fn install(scope: &mut Scope, slots: &[u32]) -> Vec<u32> {
    scope.count("slots", 3);
    scope.pass("warm").map(slots.par_iter(), |lane, slot| link_slot(lane, slot))
}

pub fn main() {
    assert_eq!(install(&mut Scope::open("install"), &[1, 2]), [1, 2]);
}
