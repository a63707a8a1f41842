//! A marked function called from an `async` block.
use concurrency_probe::{Lane, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

pub fn main() {
    let linked = async { link_slot(7) };
    assert_eq!(futures::executor::block_on(linked), 7);
}
