//! A loop of marked calls in one lane.
use concurrency_probe::{Lane, Scope, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: &u32) {
    assert!(*slot > 0);
}

pub fn main() {
    let packages = [vec![1, 2, 3], vec![4, 5]];
    Scope::open("install").pass("warm").for_each(&packages, |lane, slots| {
        for slot in slots {
            link_slot(lane, slot);
        }
    });
}
