//! `offload` instead of `spawn_blocking`.
use concurrency_probe::{Lane, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

#[tokio::main(flavor = "current_thread")]
pub async fn main() {
    let linked = concurrency_probe::offload(|lane| link_slot(lane, 7)).await;
    assert_eq!(linked, 7);
}
