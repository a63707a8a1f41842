//! A trait whose marked method demands no lane.
use concurrency_probe::must_run_parallel;

trait Linker {
    #[must_run_parallel]
    fn link_slot(&self, slot: u32) -> u32;
}

pub fn main() {
    let _: Option<&dyn Linker> = None;
}
