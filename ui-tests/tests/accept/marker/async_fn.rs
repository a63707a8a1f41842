//! A plain function.
use concurrency_probe::{Lane, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

pub fn main() {
    let _ = link_slot;
}
