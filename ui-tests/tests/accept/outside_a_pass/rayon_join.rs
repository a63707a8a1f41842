//! `Lane::join`, which gives each closure a lane.
use concurrency_probe::{Lane, Scope, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

fn install(scope: &mut Scope) -> Vec<(u32, u32)> {
    scope.pass("warm").map(0..2, |lane, slot| lane.join(|lane| link_slot(lane, slot), |_lane| slot + 1))
}

pub fn main() {
    assert_eq!(install(&mut Scope::open("install")), [(0, 1), (1, 2)]);
}
