//! A lane returned inside a future, to be awaited outside of the pass.
use concurrency_probe::{Lane, Scope, must_run_parallel};
use futures::executor::block_on;

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

pub fn main() {
    let links =
        Scope::open("install").pass("warm").map(0..3, |lane, slot| async move { link_slot(lane, slot) });
    let linked: Vec<u32> = links.into_iter().map(block_on).collect();
    assert_eq!(linked, [0, 1, 2]);
}
