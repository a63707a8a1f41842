//! A clone of a lane for a second call.
use concurrency_probe::{Lane, Scope, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

pub fn main() {
    let linked = Scope::open("install")
        .pass("warm")
        .map([7], |lane, slot| (link_slot(lane.clone(), slot), link_slot(lane, slot + 1)));
    assert_eq!(linked, [(7, 8)]);
}
