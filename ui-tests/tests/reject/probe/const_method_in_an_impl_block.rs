//! A `const fn` in a probed `impl` block.
use concurrency_probe::concurrency_probe;

struct Store;

#[concurrency_probe(scope = "install")]
impl Store {
    const fn slots(&self) -> u32 {
        7
    }
}

pub fn main() {
    assert_eq!(Store.slots(), 7);
}
