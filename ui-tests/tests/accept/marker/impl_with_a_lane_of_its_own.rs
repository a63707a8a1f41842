//! The real one.
use concurrency_probe::must_run_parallel;

use concurrency_probe::Lane;

trait Linker {
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

pub fn main() {
    let _: &dyn Linker = &HardLinker;
}
