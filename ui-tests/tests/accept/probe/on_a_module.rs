//! On its function.
use concurrency_probe::concurrency_probe;

mod store {
    #[super::concurrency_probe(scope = "install")]
    pub fn link_slot(slot: u32) -> u32 {
        slot
    }
}

pub fn main() {
    assert_eq!(store::link_slot(7), 7);
}
