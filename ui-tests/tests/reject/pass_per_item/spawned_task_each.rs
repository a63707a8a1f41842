//! A pass in a spawned task for each item.
use concurrency_probe::{Lane, Scope, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) {
    assert!(slot > 0);
}

async fn fetch(id: u32) -> u32 {
    id
}

async fn install(mut scope: Scope) {
    for id in 1..4 {
        tokio::spawn(async move { scope.pass("cold").for_each([fetch(id).await], link_slot) });
    }
}

#[tokio::main(flavor = "current_thread")]
pub async fn main() {
    install(Scope::open("install")).await;
}
