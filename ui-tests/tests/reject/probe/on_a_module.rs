//! The probe on a module.
use concurrency_probe::concurrency_probe;

#[concurrency_probe(scope = "install")]
mod store {
    pub fn link_slot(slot: u32) -> u32 {
        slot
    }
}

pub fn main() {
    assert_eq!(store::link_slot(7), 7);
}
