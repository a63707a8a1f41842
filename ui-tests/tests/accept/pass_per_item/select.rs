//! The branches fetch, and the pass comes after.
use concurrency_probe::{Lane, Scope, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) {
    assert!(slot > 0);
}

async fn fetch(id: u32) -> u32 {
    id
}

async fn install(scope: &mut Scope) {
    let pass = scope.pass("cold");
    let slot = tokio::select! {
        slot = async { fetch(1).await } => slot,
        slot = async { fetch(2).await } => slot,
    };
    pass.for_each([slot], link_slot);
}

pub fn main() {
    futures::executor::block_on(install(&mut Scope::open("install")));
}
