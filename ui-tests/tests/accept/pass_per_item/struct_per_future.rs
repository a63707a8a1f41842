//! One struct for the pass, and what all of the futures fetched.
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
    ids: [u32; 2],
}

impl Link<'_> {
    async fn run(self) {
        let slots = join_all(self.ids.map(fetch)).await;
        self.pass.for_each(slots, link_slot);
    }
}

async fn install(scope: &mut Scope) {
    let pass = scope.pass("cold");
    Link { pass, ids: [1, 2] }.run().await;
}

pub fn main() {
    futures::executor::block_on(install(&mut Scope::open("install")));
}
