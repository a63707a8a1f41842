//! Sibling futures that each block until their `offload` is done: it compiles. A finding tells, and the reading does.
use concurrency_probe::{FindingKind, Lane, Scope, concurrency_probe, must_run_parallel, offload};
use futures::executor::block_on;
use futures::future::join_all;

#[concurrency_probe(scope = "blocking-offload")]
#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) {
    assert!(slot < 64);
}

async fn link(scope: &Scope, slot: u32) {
    let work = scope.attach(offload(move |lane| link_slot(lane, slot)));
    std::thread::scope(|threads| threads.spawn(|| block_on(work)).join().unwrap());
}

pub fn main() {
    let scope = Scope::builder("blocking-offload").threads(2).open();
    block_on(join_all((0..64).map(|slot| link(&scope, slot))));
    assert_eq!(scope.report().findings[0].kind, FindingKind::SerialOffloads);
    assert_eq!(scope.reading("link_slot").calls(), 64);
    assert_eq!(scope.reading("link_slot").max_concurrent(), Some(1));
}
