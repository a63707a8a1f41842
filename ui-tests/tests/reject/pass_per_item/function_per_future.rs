//! An `async fn` per item that takes the pass.
use concurrency_probe::{Lane, Pass, Scope, must_run_parallel};
use futures::future::join_all;

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) {
    assert!(slot > 0);
}

async fn fetch(id: u32) -> u32 {
    id
}

async fn link(pass: Pass<'_>, id: u32) {
    let slot = fetch(id).await;
    pass.for_each([slot], link_slot);
}

async fn install(scope: &mut Scope) {
    let pass = scope.pass("cold");
    join_all([1, 2].map(|id| link(pass, id))).await;
}

pub fn main() {
    futures::executor::block_on(install(&mut Scope::open("install")));
}
