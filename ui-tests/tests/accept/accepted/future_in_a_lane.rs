//! A future that holds a lane, and ends in it.
use concurrency_probe::{Lane, Scope, must_run_parallel};
use futures::executor::block_on;

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

async fn link(lane: Lane<'_>, slot: u32) -> u32 {
    std::future::ready(()).await;
    link_slot(lane, slot)
}

pub fn main() {
    let linked = Scope::open("install").pass("warm").map(0..3, |lane, slot| block_on(link(lane, slot)));
    assert_eq!(linked, [0, 1, 2]);
}
