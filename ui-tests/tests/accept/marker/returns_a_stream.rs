//! It returns the results.
use concurrency_probe::{Lane, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, files: Vec<u32>) -> Vec<u32> {
    files
}

pub fn main() {
    let _ = link_slot;
}
