//! The tasks fetch, and one pass links.
use concurrency_probe::{Lane, Scope, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) {
    assert!(slot > 0);
}

async fn fetch(id: u32) -> u32 {
    id
}

async fn install(mut scope: Scope) {
    let mut slots = Vec::new();
    for id in 1..4 {
        slots.push(tokio::spawn(async move { fetch(id).await }));
    }
    let slots = futures::future::try_join_all(slots).await.unwrap();
    scope.pass("cold").for_each(slots, link_slot);
}

#[tokio::main(flavor = "current_thread")]
pub async fn main() {
    install(Scope::open("install")).await;
}
