//! One pass in two branches of a `select!`.
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
    tokio::select! {
        () = async { pass.for_each([fetch(1).await], link_slot) } => {}
        () = async { pass.for_each([fetch(2).await], link_slot) } => {}
    }
}

pub fn main() {
    futures::executor::block_on(install(&mut Scope::open("install")));
}
