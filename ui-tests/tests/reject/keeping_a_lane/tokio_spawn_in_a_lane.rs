//! A lane moved into a spawned task, in its pass.
use concurrency_probe::{Lane, must_run_parallel, testing::with_lane};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

#[tokio::main(flavor = "current_thread")]
pub async fn main() {
    let task = with_lane(|lane| tokio::task::spawn_local(async move { link_slot(lane, 7) }));
    assert_eq!(task.await.unwrap(), 7);
}
