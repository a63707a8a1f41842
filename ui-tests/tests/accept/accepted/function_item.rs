//! A bare function item as the closure.
use concurrency_probe::{Lane, Scope, must_run_parallel, offload, testing::with_lane};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> Result<(), String> {
    if slot > 0 { Ok(()) } else { Err("slot 0".into()) }
}

#[must_run_parallel]
fn collect_garbage(_lane: Lane<'_>) -> u32 {
    7
}

pub fn main() {
    let mut scope = Scope::open("install");
    assert_eq!(scope.pass("warm").try_for_each(1..4, link_slot), Ok(()));
    assert_eq!(scope.pass("warm").map(1..3, link_slot), [Ok(()), Ok(())]);
    assert_eq!(scope.pass("warm").try_map(0..3, link_slot), Err("slot 0".into()));
    assert_eq!(futures::executor::block_on(offload(collect_garbage)), 7);
    assert_eq!(with_lane(collect_garbage), 7);
}
