//! It demands one.
use concurrency_probe::must_run_parallel;

trait Linker {
    #[must_run_parallel]
    fn link_slot(&self, lane: concurrency_probe::Lane<'_>, slot: u32) -> u32;
}

pub fn main() {
    let _: Option<&dyn Linker> = None;
}
