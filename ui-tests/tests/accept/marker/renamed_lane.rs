//! Under its own name, by whatever path.
use concurrency_probe::must_run_parallel;

use concurrency_probe as probe;

#[must_run_parallel]
fn link_slot(_lane: probe::Lane<'_>, slot: u32) -> u32 {
    slot
}

pub fn main() {
    let _ = link_slot;
}
