//! A lane in an `Option`: `None` would be a way in.
use concurrency_probe::{Lane, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Option<Lane<'_>>, slot: u32) -> u32 {
    slot
}

pub fn main() {
    let _ = link_slot;
}
