//! A marked function called from `Drop`.
use concurrency_probe::{Lane, Scope, must_run_parallel};

#[must_run_parallel]
fn unlink_slot(_lane: Lane<'_>, slot: u32) {
    assert!(slot < 3);
}

struct Slot(u32);

impl Drop for Slot {
    fn drop(&mut self) {
        unlink_slot(self.0);
    }
}

pub fn main() {
    let mut scope = Scope::open("install");
    scope.pass("clean").for_each(0..3, |_lane, slot| drop(Slot(slot)));
}
