//! Two passes in sequence, from one scope.
use concurrency_probe::{Lane, Scope, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

async fn install(scope: &mut Scope) -> Vec<u32> {
    let mut linked = scope.pass("warm").map(0..2, link_slot);
    tokio::task::yield_now().await;
    linked.extend(scope.pass("cold").map(2..4, link_slot));
    linked
}

#[tokio::main]
pub async fn main() {
    assert_eq!(install(&mut Scope::open("install")).await, [0, 1, 2, 3]);
}
