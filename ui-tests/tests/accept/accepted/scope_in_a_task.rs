//! A scope that moves into the one task that runs all of its passes, and one under `spawn_blocking`.
use concurrency_probe::{Lane, Scope, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

#[tokio::main]
pub async fn main() {
    let mut scope = Scope::open("install");
    let task = tokio::spawn(async move {
        tokio::task::yield_now().await;
        scope.pass("warm").map(0..3, link_slot)
    });
    assert_eq!(task.await.unwrap(), [0, 1, 2]);

    let mut scope = Scope::open("install");
    let task = tokio::task::spawn_blocking(move || scope.pass("warm").map(0..3, link_slot));
    assert_eq!(task.await.unwrap(), [0, 1, 2]);
}
