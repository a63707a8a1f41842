//! The marker on an `impl` block.
use concurrency_probe::must_run_parallel;

pub struct Linker;

#[must_run_parallel]
impl Linker {
    pub fn link_slot(&self, _lane: concurrency_probe::Lane<'_>) {}
}

pub fn main() {
    let _ = Linker::link_slot;
}
