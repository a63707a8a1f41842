//! A lane kept in a thread-local.
use concurrency_probe::{Lane, Scope, must_run_parallel};
use std::cell::RefCell;

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

thread_local! {
    static KEPT: RefCell<Option<Lane<'static>>> = const { RefCell::new(None) };
}

pub fn main() {
    Scope::open("install").pass("warm").for_each([7], |lane, slot| {
        KEPT.set(Some(lane));
        assert_eq!(slot, 7);
    });
    KEPT.take().map(|lane| link_slot(lane, 7));
}
