//! Marked calls in the closure of an iterator, in one lane.
use concurrency_probe::{Lane, Scope, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: &u32) -> u32 {
    *slot
}

pub fn main() {
    let packages = [vec![1, 2, 3], vec![4, 5]];
    let linked: Vec<Vec<u32>> = Scope::open("install")
        .pass("warm")
        .map(&packages, |lane, slots| slots.iter().map(|slot| link_slot(lane, slot)).collect());
    assert_eq!(linked.concat(), [1, 2, 3, 4, 5]);
}
