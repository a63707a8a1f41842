//! A pass from sync code.
use concurrency_probe::{Lane, Pass, Scope, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: &u32) -> Result<(), String> {
    if *slot > 0 { Ok(()) } else { Err("slot 0".into()) }
}

fn link_slots_parallel(pass: Pass<'_>, slots: &[u32]) -> Result<(), String> {
    pass.try_for_each(slots, |lane, slot| link_slot(lane, slot))
}

pub fn main() {
    let mut scope = Scope::open("install");
    assert_eq!(link_slots_parallel(scope.pass("warm"), &[1, 2, 3]), Ok(()));
    assert_eq!(link_slots_parallel(scope.pass("cold"), &[1, 0, 3]), Err("slot 0".into()));
}
