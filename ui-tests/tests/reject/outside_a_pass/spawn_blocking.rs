//! A marked function called under `spawn_blocking`: a thread of tokio's, not a lane of rayon's.
use concurrency_probe::{Lane, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

#[tokio::main(flavor = "current_thread")]
pub async fn main() {
    let linked = tokio::task::spawn_blocking(|| link_slot(7)).await.unwrap();
    assert_eq!(linked, 7);
}
