//! `skip` on a function by itself.
use concurrency_probe::concurrency_probe;

#[concurrency_probe(skip)]
fn link_slot(slot: u32) -> u32 {
    slot
}

pub fn main() {
    assert_eq!(link_slot(7), 7);
}
