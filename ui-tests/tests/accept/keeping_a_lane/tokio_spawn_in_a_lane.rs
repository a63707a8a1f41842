//! The task is given an `offload` instead.
use concurrency_probe::{Lane, must_run_parallel, testing::with_lane};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

#[tokio::main(flavor = "current_thread")]
pub async fn main() {
    let task = tokio::spawn(async move { concurrency_probe::offload(|lane| link_slot(lane, 7)).await });
    assert_eq!(task.await.unwrap() + with_lane(|lane| link_slot(lane, 1)), 8);
}
