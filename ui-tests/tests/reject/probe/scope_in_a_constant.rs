//! The scope in a constant.
use concurrency_probe::concurrency_probe;

const SCOPE: &str = "install";

#[concurrency_probe(scope = SCOPE)]
fn link_slot(slot: u32) -> u32 {
    slot
}

pub fn main() {
    let _scope = concurrency_probe::Scope::open(SCOPE);
    assert_eq!(link_slot(7), 7);
}
