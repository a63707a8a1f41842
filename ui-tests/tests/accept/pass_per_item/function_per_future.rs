//! One that takes the pass, and what all of the futures fetched.
use concurrency_probe::{Lane, Pass, Scope, must_run_parallel};
use futures::future::join_all;

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) {
    assert!(slot > 0);
}

async fn fetch(id: u32) -> u32 {
    id
}

async fn link(pass: Pass<'_>, ids: [u32; 2]) {
    let slots = join_all(ids.map(fetch)).await;
    pass.for_each(slots, link_slot);
}

async fn install(scope: &mut Scope) {
    let pass = scope.pass("cold");
    link(pass, [1, 2]).await;
}

pub fn main() {
    futures::executor::block_on(install(&mut Scope::open("install")));
}
