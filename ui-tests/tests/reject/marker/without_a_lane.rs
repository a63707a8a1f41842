//! The marker on a function without a lane.
use concurrency_probe::must_run_parallel;

#[must_run_parallel]
fn link_slot(slot: u32) -> u32 {
    slot
}

pub fn main() {
    let _ = link_slot;
}
