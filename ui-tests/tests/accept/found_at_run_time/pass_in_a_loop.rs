//! A new pass in every round of a loop.
use concurrency_probe::{FindingKind, Lane, Scope, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) {
    assert!(slot < 64);
}

pub fn main() {
    let mut scope = Scope::builder("install").threads(2).open();
    for slot in 0..64 {
        scope.pass("cold").for_each([slot], link_slot);
    }
    let report = scope.report();
    assert_eq!(
        report.findings.iter().map(|finding| finding.kind).collect::<Vec<_>>(),
        [FindingKind::DegeneratePasses]
    );
}
