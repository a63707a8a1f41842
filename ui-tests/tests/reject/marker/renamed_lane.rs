//! The lane under another name: the marker knows it by its own.
use concurrency_probe::must_run_parallel;

use concurrency_probe::Lane as Ticket;

#[must_run_parallel]
fn link_slot(_lane: Ticket<'_>, slot: u32) -> u32 {
    slot
}

pub fn main() {
    let _ = link_slot;
}
