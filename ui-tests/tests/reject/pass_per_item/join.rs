//! A pass in each future of a `join!`.
use concurrency_probe::{Lane, Scope, must_run_parallel};
use futures::join;

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) {
    assert!(slot > 0);
}

async fn fetch_and_link(scope: &mut Scope, id: u32) {
    scope.pass("cold").for_each([id], link_slot);
}

async fn install(scope: &mut Scope) {
    join!(fetch_and_link(scope, 1), fetch_and_link(scope, 2));
}

pub fn main() {
    futures::executor::block_on(install(&mut Scope::open("install")));
}
