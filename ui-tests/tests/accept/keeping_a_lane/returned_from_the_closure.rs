//! Its result is returned.
use concurrency_probe::{Lane, Scope, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

pub fn main() {
    let linked = Scope::open("install").pass("warm").map(0..3, |lane, _slot| link_slot(lane, 7));
    assert_eq!(linked, [7, 7, 7]);
}
