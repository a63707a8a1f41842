//! A type error in a probed body: it stands where it would without the probe, and is the only one.
use concurrency_probe::concurrency_probe;

#[concurrency_probe(scope = "install")]
fn link_slot(slot: u32) -> u32 {
    slot.len()
}

pub fn main() {
    assert_eq!(link_slot(7), 7);
}
