//! A scope for each item, in the lanes of the scope of the whole.
use concurrency_probe::{FindingKind, Lane, Scope, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) {
    assert!(slot < 64);
}

pub fn main() {
    let mut scope = Scope::builder("install").threads(2).open();
    scope.pass("packages").for_each(0..64, |_lane, slot| {
        Scope::open("install").pass("slots").for_each([slot], link_slot);
    });
    let report = scope.report();
    assert!(report.findings.iter().any(|finding| finding.kind == FindingKind::NestedScope));
}
