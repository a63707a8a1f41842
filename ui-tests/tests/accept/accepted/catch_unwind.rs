//! `catch_unwind` around a marked call.
use concurrency_probe::{Lane, Scope, must_run_parallel};
use std::panic::catch_unwind;

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    if slot == 1 {
        // Unlike `panic!` it prints nothing.
        std::panic::resume_unwind(Box::new("slot 1"));
    }
    slot
}

pub fn main() {
    let linked = Scope::open("install")
        .pass("warm")
        .map(0..3, |lane, slot| catch_unwind(move || link_slot(lane, slot)).ok());
    assert_eq!(linked, [Some(0), None, Some(2)]);
}
