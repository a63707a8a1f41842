//! The probe on a `gen fn`, which only builds an iterator. The compiler has it behind a feature and says so as well.
use concurrency_probe::concurrency_probe;

fn unpack(slot: u32) -> u32 {
    slot * 2
}

#[concurrency_probe(scope = "install")]
gen fn slots() -> u32 {
    for slot in 1..4 {
        unpack(slot);
    }
}

pub fn main() {}
