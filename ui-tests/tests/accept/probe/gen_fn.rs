//! The probe is on the function that makes each item.
use concurrency_probe::concurrency_probe;

#[concurrency_probe(scope = "install")]
fn unpack(slot: u32) -> u32 {
    slot * 2
}

fn slots() -> impl Iterator<Item = u32> {
    (1..4).map(unpack)
}

pub fn main() {
    assert_eq!(slots().collect::<Vec<_>>(), [2, 4, 6]);
}
