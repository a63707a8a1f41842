//! What the loop goes over becomes the items of the pass.
use concurrency_probe::{Lane, Scope, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: &u32) {
    assert!(*slot > 0);
}

pub fn main() {
    let packages = [vec![1, 2, 3], vec![4, 5]];
    let slots: Vec<&u32> = packages.iter().flatten().collect();
    Scope::open("install").pass("warm").for_each(slots, |lane, slot| {
        link_slot(lane, slot);
    });
}
