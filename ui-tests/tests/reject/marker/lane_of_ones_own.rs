//! A type of one's own that is named `Lane`.
use concurrency_probe::must_run_parallel;

pub struct Lane;

#[must_run_parallel]
fn link_slot(_lane: Lane, slot: u32) -> u32 {
    slot
}

pub fn main() {
    let _ = link_slot;
}
