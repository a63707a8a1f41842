//! The futures fetch, and one pass links.
use concurrency_probe::{Lane, Scope, must_run_parallel};
use futures::join;

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) {
    assert!(slot > 0);
}

async fn fetch(id: u32) -> u32 {
    id
}

async fn install(scope: &mut Scope) {
    let slots = join!(fetch(1), fetch(2));
    scope.pass("cold").for_each(<[u32; 2]>::from(slots), link_slot);
}

pub fn main() {
    futures::executor::block_on(install(&mut Scope::open("install")));
}
