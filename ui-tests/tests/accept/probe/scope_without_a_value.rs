//! With one.
use concurrency_probe::concurrency_probe;

#[concurrency_probe(scope = "install")]
fn link_slot(slot: u32) -> u32 {
    slot
}

pub fn main() {
    assert_eq!(link_slot(7), 7);
}
