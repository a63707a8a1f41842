//! The default body takes a pass.
use concurrency_probe::{Lane, Pass, Scope, must_run_parallel};

trait Linker: Sync {
    #[must_run_parallel]
    fn link_slot(&self, lane: Lane<'_>, slot: u32) -> u32;

    fn link_slots(&self, pass: Pass<'_>, slots: &[u32]) -> Vec<u32> {
        pass.map(slots, |lane, slot| self.link_slot(lane, *slot))
    }
}

struct HardLinker;

impl Linker for HardLinker {
    #[must_run_parallel]
    fn link_slot(&self, _lane: Lane<'_>, slot: u32) -> u32 {
        slot
    }
}

pub fn main() {
    let mut scope = Scope::open("install");
    assert_eq!(HardLinker.link_slots(scope.pass("warm"), &[1, 2]), [1, 2]);
}
