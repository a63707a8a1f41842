//! A lane taken out from behind a reference.
use concurrency_probe::{Lane, Scope, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

fn link_again(lane: &mut Lane<'_>, slot: u32) -> u32 {
    link_slot(std::mem::take(lane), slot)
}

pub fn main() {
    let linked = Scope::open("install").pass("warm").map([7], |mut lane, slot| link_again(&mut lane, slot));
    assert_eq!(linked, [7]);
}
