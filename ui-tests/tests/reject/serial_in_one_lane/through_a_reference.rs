//! The lane moved out from behind a reference, as often as one likes.
use concurrency_probe::{Lane, Scope, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

fn helper(lane: &Lane<'_>, slot: u32) -> u32 {
    link_slot(*lane, slot)
}

pub fn main() {
    let linked = Scope::open("install").pass("warm").map([1, 3, 5], |lane, slot| helper(&lane, slot));
    assert_eq!(linked, [1, 3, 5]);
}
