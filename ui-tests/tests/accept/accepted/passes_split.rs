//! `passes([..])` split over two functions.
use concurrency_probe::{Lane, Pass, Scope, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> Result<(), String> {
    if slot > 0 { Ok(()) } else { Err("slot 0".into()) }
}

fn link_warm(pass: Pass<'_>) -> Result<(), String> {
    pass.try_for_each(1..4, link_slot)
}

async fn link_cold(pass: Pass<'_>) -> Result<(), String> {
    pass.drive(futures::stream::iter((4..7).map(Ok)), link_slot).await
}

pub fn main() {
    let mut scope = Scope::open("install");
    let [warm, cold] = scope.passes(["warm", "cold"]);
    link_warm(warm).unwrap();
    futures::executor::block_on(link_cold(cold)).unwrap();
    let report = scope.report();
    assert!(report.findings.is_empty());
    assert_eq!(report.passes.iter().map(|pass| pass.completed).collect::<Vec<_>>(), [3, 3]);
}
