//! A lane used in either arm of an `if`, a `match` and a `let .. else`.
use concurrency_probe::{Lane, Scope, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

#[must_run_parallel]
fn copy_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot + 10
}

pub fn main() {
    let linked = Scope::open("install").pass("warm").map(0..4, |lane, slot| {
        if slot == 0 {
            return copy_slot(lane, slot);
        }
        let Some(slot) = slot.checked_sub(1) else { return link_slot(lane, slot) };
        match slot {
            0 => link_slot(lane, slot),
            1 if slot > 5 => unreachable!(),
            _ => copy_slot(lane, slot),
        }
    });
    assert_eq!(linked, [10, 0, 11, 12]);
}
