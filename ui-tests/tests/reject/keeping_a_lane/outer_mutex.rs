//! A lane kept in a `Mutex<Option<_>>` around its pass.
use concurrency_probe::{Lane, Scope, must_run_parallel};
use std::sync::Mutex;

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

pub fn main() {
    let kept = Mutex::new(None);
    Scope::open("install").pass("warm").for_each([7], |lane, _slot| {
        *kept.lock().unwrap() = Some(lane);
    });
    let linked = kept.into_inner().unwrap().map(|lane| link_slot(lane, 7));
    assert_eq!(linked, Some(7));
}
