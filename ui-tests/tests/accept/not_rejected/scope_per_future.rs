//! A scope for each sibling future, inside of no other: from within it looks like installs of one package. The count of
//! scopes tells, and each one's reading.
use concurrency_probe::{Lane, Scope, concurrency_probe, must_run_parallel};
use futures::executor::block_on;
use futures::future::join_all;

#[concurrency_probe(scope = "scope-per-future")]
#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) {
    assert!(slot < 64);
}

async fn link(slot: u32) -> Scope {
    let mut scope = Scope::builder("scope-per-future").threads(2).open();
    scope.pass("cold").for_each([slot], link_slot);
    scope
}

pub fn main() {
    for scope in block_on(join_all((0..4).map(link))) {
        assert!(scope.report().findings.is_empty());
        assert_eq!(scope.reading("link_slot").max_concurrent(), Some(1));
    }
}
