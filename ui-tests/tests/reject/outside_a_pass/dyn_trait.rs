//! A marked method called through `dyn Trait`.
use concurrency_probe::{Lane, Scope, must_run_parallel};

trait Linker: Sync {
    #[must_run_parallel]
    fn link_slot(&self, lane: Lane<'_>, slot: u32) -> u32;
}

struct HardLinker;

impl Linker for HardLinker {
    #[must_run_parallel]
    fn link_slot(&self, _lane: Lane<'_>, slot: u32) -> u32 {
        slot
    }
}

fn install(scope: &mut Scope, linker: &dyn Linker) -> Vec<u32> {
    scope.count("slots", 3);
    (0..3).map(|slot| linker.link_slot(slot)).collect()
}

pub fn main() {
    assert_eq!(install(&mut Scope::open("install"), &HardLinker), [0, 1, 2]);
}
