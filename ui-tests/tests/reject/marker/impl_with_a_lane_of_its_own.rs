//! A marked `impl` of a trait whose `Lane` is a type of its own.
use concurrency_probe::must_run_parallel;

pub struct Lane;

trait Linker {
    #[must_run_parallel]
    fn link_slot(&self, lane: Lane, slot: u32) -> u32;
}

struct HardLinker;

impl Linker for HardLinker {
    #[must_run_parallel]
    fn link_slot(&self, _lane: Lane, slot: u32) -> u32 {
        slot
    }
}

pub fn main() {
    let _: &dyn Linker = &HardLinker;
}
