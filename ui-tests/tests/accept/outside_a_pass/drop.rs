//! A method that takes a lane, for what `Drop` cannot do.
use concurrency_probe::{Lane, Scope, must_run_parallel};

#[must_run_parallel]
fn unlink_slot(_lane: Lane<'_>, slot: u32) {
    assert!(slot < 3);
}

struct Slot(u32);

impl Slot {
    fn unlink(self, lane: Lane<'_>) {
        unlink_slot(lane, self.0);
    }
}

pub fn main() {
    let mut scope = Scope::open("install");
    scope.pass("clean").for_each(0..3, |lane, slot| Slot(slot).unlink(lane));
}
