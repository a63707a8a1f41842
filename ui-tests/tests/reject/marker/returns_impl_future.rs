//! A function that returns a future, which would run outside the lane.
use concurrency_probe::{Lane, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> impl Future<Output = u32> {
    async move { slot }
}

pub fn main() {
    let _ = link_slot;
}
