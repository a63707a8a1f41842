//! Sibling futures that share a scope in an `Arc<Mutex<_>>`.
use concurrency_probe::{FindingKind, Lane, Scope, must_run_parallel};
use futures::future::join_all;
use std::sync::{Arc, Mutex};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) {
    assert!(slot < 64);
}

async fn link(scope: Arc<Mutex<Scope>>, slot: u32) {
    scope.lock().unwrap().pass("cold").for_each([slot], link_slot);
}

pub fn main() {
    let scope = Arc::new(Mutex::new(Scope::builder("install").threads(2).open()));
    futures::executor::block_on(join_all((0..64).map(|slot| link(Arc::clone(&scope), slot))));
    let report = scope.lock().unwrap().report();
    assert_eq!(
        report.findings.iter().map(|finding| finding.kind).collect::<Vec<_>>(),
        [FindingKind::DegeneratePasses]
    );
}
