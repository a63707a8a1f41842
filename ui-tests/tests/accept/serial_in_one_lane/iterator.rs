//! What the iterator goes over becomes the items of the pass.
use concurrency_probe::{Lane, Scope, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: &u32) -> u32 {
    *slot
}

pub fn main() {
    let packages = [vec![1, 2, 3], vec![4, 5]];
    let slots: Vec<&u32> = packages.iter().flatten().collect();
    let linked: Vec<u32> = Scope::open("install").pass("warm").map(slots, |lane, slot| link_slot(lane, slot));
    assert_eq!(linked, [1, 2, 3, 4, 5]);
}
