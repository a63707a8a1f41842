//! Its result is kept there.
use concurrency_probe::{Lane, Scope, must_run_parallel};
use std::sync::Mutex;

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

pub fn main() {
    let kept = Mutex::new(None);
    Scope::open("install").pass("warm").for_each([7], |lane, slot| {
        *kept.lock().unwrap() = Some(link_slot(lane, slot));
    });
    let linked = kept.into_inner().unwrap();
    assert_eq!(linked, Some(7));
}
