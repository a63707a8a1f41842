//! `offload` instead.
use concurrency_probe::{Lane, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) {
    assert!(slot > 0);
}

async fn link_later() {
    concurrency_probe::offload(move |lane| link_slot(lane, 7)).await;
}

pub fn main() {
    futures::executor::block_on(link_later());
}
