//! A lane moved into a spawned task.
use concurrency_probe::{Lane, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

fn link_in_a_task(lane: Lane<'static>) -> tokio::task::JoinHandle<u32> {
    tokio::spawn(async move { link_slot(lane, 7) })
}

#[tokio::main(flavor = "current_thread")]
pub async fn main() {
    let _ = link_in_a_task;
}
