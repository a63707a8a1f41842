//! A marked function called in a combinator of a future.
use concurrency_probe::{Lane, must_run_parallel};
use futures::FutureExt;

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

async fn fetch(id: u32) -> u32 {
    id
}

pub fn main() {
    let linked = fetch(7).map(|slot| link_slot(slot));
    assert_eq!(futures::executor::block_on(linked), 7);
}
