//! A marked method on `dyn Trait`.
use concurrency_probe::{Lane, Scope, must_run_parallel};

trait Linker: Sync {
    #[must_run_parallel]
    fn link_slot(&self, lane: Lane<'_>, slot: u32) -> u32;

    #[must_run_parallel]
    fn unlink_slot(&self, lane: Lane<'_>, slot: u32) -> u32 {
        self.link_slot(lane, slot)
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
    let linker: Box<dyn Linker> = Box::new(HardLinker);
    let mut scope = Scope::open("install");
    assert_eq!(scope.pass("warm").map(0..3, |lane, slot| linker.link_slot(lane, slot)), [0, 1, 2]);
    assert_eq!(scope.pass("clean").map(0..3, |lane, slot| linker.unlink_slot(lane, slot)), [0, 1, 2]);
}
