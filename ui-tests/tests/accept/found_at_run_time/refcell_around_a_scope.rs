//! Sibling futures that share a scope in a `RefCell`.
use concurrency_probe::{FindingKind, Lane, Scope, must_run_parallel};
use futures::future::join_all;
use std::cell::RefCell;

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) {
    assert!(slot < 64);
}

pub fn main() {
    let mut scope = Scope::builder("install").threads(2).open();
    let shared = RefCell::new(&mut scope);
    let link = async |slot| shared.borrow_mut().pass("cold").for_each([slot], link_slot);
    futures::executor::block_on(join_all((0..64).map(link)));
    let report = scope.report();
    assert_eq!(
        report.findings.iter().map(|finding| finding.kind).collect::<Vec<_>>(),
        [FindingKind::DegeneratePasses]
    );
}
