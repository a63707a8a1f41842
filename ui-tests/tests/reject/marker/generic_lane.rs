//! A type parameter where the lane should be.
use concurrency_probe::must_run_parallel;

#[must_run_parallel]
fn link_slot<Lane>(_lane: Lane, slot: u32) -> u32 {
    slot
}

pub fn main() {
    let _ = link_slot::<()>;
}
