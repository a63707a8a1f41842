//! The probe on a struct.
use concurrency_probe::concurrency_probe;

#[concurrency_probe(scope = "install")]
struct Store;

impl Store {
    fn link_slot(&self, slot: u32) -> u32 {
        slot
    }
}

pub fn main() {
    assert_eq!(Store.link_slot(7), 7);
}
