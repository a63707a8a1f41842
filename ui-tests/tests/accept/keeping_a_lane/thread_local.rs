//! Its result is kept there.
use concurrency_probe::{Lane, Scope, must_run_parallel};
use std::cell::RefCell;

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

thread_local! {
    static KEPT: RefCell<Option<u32>> = const { RefCell::new(None) };
}

pub fn main() {
    Scope::open("install").pass("warm").for_each([7], |lane, slot| {
        KEPT.set(Some(link_slot(lane, slot)));
        assert_eq!(KEPT.take(), Some(7));
    });
}
