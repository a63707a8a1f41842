//! The task fetches.
use concurrency_probe::{Lane, Scope, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) {
    assert!(slot > 0);
}

async fn fetch(id: u32) -> u32 {
    id
}

async fn install(scope: &mut Scope) {
    let slot = tokio::spawn(async move { fetch(1).await });
    scope.pass("cold").for_each([slot.await.unwrap()], link_slot);
}

#[tokio::main(flavor = "current_thread")]
pub async fn main() {
    install(&mut Scope::open("install")).await;
}
