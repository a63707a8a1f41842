//! On its default method.
use concurrency_probe::concurrency_probe;

trait Linker {
    #[concurrency_probe(scope = "install")]
    fn link_slot(&self, slot: u32) -> u32 {
        slot
    }
}

impl Linker for () {}

pub fn main() {
    assert_eq!(().link_slot(7), 7);
}
