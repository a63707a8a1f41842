//! The task is given an `offload` instead.
use concurrency_probe::{Lane, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

fn link_in_a_task() -> tokio::task::JoinHandle<u32> {
    tokio::spawn(async move { concurrency_probe::offload(|lane| link_slot(lane, 7)).await })
}

#[tokio::main(flavor = "current_thread")]
pub async fn main() {
    assert_eq!(link_in_a_task().await.unwrap(), 7);
}
