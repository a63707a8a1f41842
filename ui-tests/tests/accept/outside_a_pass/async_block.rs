//! From an `async` block, through `offload`.
use concurrency_probe::{Lane, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

pub fn main() {
    let linked = async { concurrency_probe::offload(|lane| link_slot(lane, 7)).await };
    assert_eq!(futures::executor::block_on(linked), 7);
}
