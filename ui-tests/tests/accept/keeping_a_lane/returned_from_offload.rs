//! Its result is returned.
use concurrency_probe::{Lane, must_run_parallel, offload};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

pub fn main() {
    let linked = offload(|lane| link_slot(lane, 7));
    assert_eq!(futures::executor::block_on(linked), 7);
}
