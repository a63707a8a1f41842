//! `Lane::join`, once and recursively, over borrowed data.
use concurrency_probe::{Lane, Scope, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: &u32) -> u32 {
    *slot
}

fn link_slots(lane: Lane<'_>, slots: &[u32]) -> u32 {
    match slots {
        [] => 0,
        [slot] => link_slot(lane, slot),
        _ => {
            let (left, right) = slots.split_at(slots.len() / 2);
            let (a, b) = lane.join(|lane| link_slots(lane, left), |lane| link_slots(lane, right));
            a + b
        }
    }
}

pub fn main() {
    let packages = [vec![1, 2, 3], vec![4, 5], vec![]];
    let mut scope = Scope::open("install");
    let linked = scope.pass("warm").map(&packages, |lane, slots| link_slots(lane, slots));
    assert_eq!(linked, [6, 9, 0]);
    let linked = scope.pass("cold").map([7], |lane, slot| lane.join(|l| link_slot(l, &slot), |_| "other"));
    assert_eq!(linked, [(7, "other")]);
}
