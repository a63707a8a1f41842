//! A pass that blocks a task whose polls are counted, and in which another future waits. Where nothing waits, it is no finding.
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

#[concurrency_probe(scope = "pass-in-a-polled-future", polls)]
async fn download() {
    futures::pending!();
}

pub fn main() {
    for waits in [false, true] {
        let polled = Scope::open("pass-in-a-polled-future");
        let mut scope = Scope::builder("install").threads(2).open();
        let both = async {
            let mut download = std::pin::pin!(download());
            if waits {
                assert!(futures::poll!(&mut download).is_pending());
            }
            install(&mut scope).await;
        };
        futures::executor::block_on(polled.attach(both));
        let kinds: Vec<FindingKind> = scope.report().findings.iter().map(|finding| finding.kind).collect();
        let expected: &[FindingKind] = if waits { &[FindingKind::BlockedPoll] } else { &[] };
        assert_eq!(kinds, expected);
    }
}
