//! On one of its methods.
use concurrency_probe::concurrency_probe;

struct Store;

#[concurrency_probe(scope = "install")]
impl Store {
    #[concurrency_probe(name = "link")]
    fn link_slot(&self, slot: u32) -> u32 {
        slot
    }
}

pub fn main() {
    assert_eq!(Store.link_slot(7), 7);
}
