//! A marked `impl` without the lane that its trait demands.
use concurrency_probe::{Lane, must_run_parallel};

trait Linker {
    #[must_run_parallel]
    fn link_slot(&self, lane: Lane<'_>, slot: u32) -> u32;
}

struct HardLinker;

impl Linker for HardLinker {
    #[must_run_parallel]
    fn link_slot(&self, slot: u32) -> u32 {
        slot
    }
}

pub fn main() {
    let _: &dyn Linker = &HardLinker;
}
