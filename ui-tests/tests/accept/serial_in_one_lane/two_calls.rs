//! `Lane::join` runs both, each in a lane.
use concurrency_probe::{Lane, Scope, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) {
    assert!(slot < 8);
}

pub fn main() {
    Scope::open("install").pass("warm").for_each([1, 3, 5], |lane, slot| {
        lane.join(|lane| link_slot(lane, slot), |lane| link_slot(lane, slot + 1));
    });
}
