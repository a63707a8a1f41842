//! The probe with a name and without a scope.
use concurrency_probe::concurrency_probe;

#[concurrency_probe(name = "link")]
fn link_slot(slot: u32) -> u32 {
    slot
}

pub fn main() {
    assert_eq!(link_slot(7), 7);
}
