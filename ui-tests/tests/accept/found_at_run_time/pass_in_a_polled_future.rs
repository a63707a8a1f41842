//! A pass that blocks a task whose polls are counted.
use concurrency_probe::{FindingKind, Lane, Scope, concurrency_probe, must_run_parallel};

#[concurrency_probe(scope = "pass-in-a-polled-future")]
#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) {
    assert!(slot < 64);
}

#[concurrency_probe(scope = "pass-in-a-polled-future", polls)]
async fn install(scope: &mut Scope) {
    scope.pass("cold").for_each(0..64, link_slot);
}

pub fn main() {
    let polled = Scope::open("pass-in-a-polled-future");
    let mut scope = Scope::builder("install").threads(2).open();
    futures::executor::block_on(polled.attach(install(&mut scope)));
    let report = scope.report();
    assert_eq!(
        report.findings.iter().map(|finding| finding.kind).collect::<Vec<_>>(),
        [FindingKind::BlockedPoll]
    );
}
