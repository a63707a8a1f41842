//! A pass in a spawned task, from a scope that the caller keeps.
use concurrency_probe::{Lane, Scope, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) {
    assert!(slot > 0);
}

async fn fetch(id: u32) -> u32 {
    id
}

async fn install(scope: &mut Scope) {
    let link = tokio::spawn(async move { scope.pass("cold").for_each([fetch(1).await], link_slot) });
    link.await.unwrap();
}

#[tokio::main(flavor = "current_thread")]
pub async fn main() {
    install(&mut Scope::open("install")).await;
}
