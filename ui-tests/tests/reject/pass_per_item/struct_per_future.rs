//! A struct per item that holds the pass.
use concurrency_probe::{Lane, Pass, Scope, must_run_parallel};
use futures::future::join_all;

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) {
    assert!(slot > 0);
}

async fn fetch(id: u32) -> u32 {
    id
}

struct Link<'scope> {
    pass: Pass<'scope>,
    id: u32,
}

impl Link<'_> {
    async fn run(self) {
        let slot = fetch(self.id).await;
        self.pass.for_each([slot], link_slot);
    }
}

async fn install(scope: &mut Scope) {
    let pass = scope.pass("cold");
    join_all([1, 2].map(|id| Link { pass, id }.run())).await;
}

pub fn main() {
    futures::executor::block_on(install(&mut Scope::open("install")));
}
