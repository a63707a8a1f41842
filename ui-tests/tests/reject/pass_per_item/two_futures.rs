//! A pass from the same `&mut Scope` in two futures.
use concurrency_probe::{Lane, Scope, must_run_parallel};
use futures::future::join;

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) {
    assert!(slot > 0);
}

async fn install(scope: &mut Scope) {
    let warm = async { scope.pass("warm").for_each([1, 2], link_slot) };
    let cold = async { scope.pass("cold").for_each([3, 4], link_slot) };
    join(warm, cold).await;
}

pub fn main() {
    futures::executor::block_on(install(&mut Scope::open("install")));
}
