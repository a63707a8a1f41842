//! A `crate` path that leads elsewhere.
use concurrency_probe::concurrency_probe;

#[concurrency_probe(scope = "install", crate = std)]
fn link_slot(slot: u32) -> u32 {
    slot
}

pub fn main() {
    assert_eq!(link_slot(7), 7);
}
