//! A lane returned from the closure of a pass.
use concurrency_probe::{Lane, Scope, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

pub fn main() {
    let lanes = Scope::open("install").pass("warm").map(0..3, |lane, _slot| lane);
    let linked: Vec<u32> = lanes.into_iter().map(|lane| link_slot(lane, 7)).collect();
    assert_eq!(linked, [7, 7, 7]);
}
