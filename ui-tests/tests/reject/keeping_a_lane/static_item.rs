//! A lane kept in a static.
use concurrency_probe::{Lane, Scope, must_run_parallel};
use std::sync::Mutex;

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

static KEPT: Mutex<Option<Lane<'static>>> = Mutex::new(None);

pub fn main() {
    Scope::open("install").pass("warm").for_each([7], |lane, slot| {
        assert_eq!(link_slot(lane, slot), 7);
    });
    assert!(KEPT.lock().unwrap().is_none());
}
