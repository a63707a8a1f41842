//! On its method.
use concurrency_probe::must_run_parallel;

pub struct Linker;

impl Linker {
    #[must_run_parallel]
    pub fn link_slot(&self, _lane: concurrency_probe::Lane<'_>) {}
}

pub fn main() {
    let _ = Linker::link_slot;
}
