//! As many passes as there are items, from one call of `passes`, one for each sibling future.
use concurrency_probe::{FindingKind, Lane, Scope, must_run_parallel};
use futures::future::join_all;

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: usize) {
    assert!(slot < 64);
}

pub fn main() {
    let mut scope = Scope::builder("install").threads(2).open();
    let passes = scope.passes(["cold"; 64]);
    let links =
        passes.into_iter().enumerate().map(|(slot, pass)| async move { pass.for_each([slot], link_slot) });
    futures::executor::block_on(join_all(links));
    let report = scope.report();
    assert_eq!(
        report.findings.iter().map(|finding| finding.kind).collect::<Vec<_>>(),
        [FindingKind::DegeneratePasses]
    );
}
