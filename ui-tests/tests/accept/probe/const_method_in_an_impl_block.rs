//! Left out with `skip`.
use concurrency_probe::concurrency_probe;

struct Store;

#[concurrency_probe(scope = "install")]
impl Store {
    #[concurrency_probe(skip)]
    const fn slots(&self) -> u32 {
        7
    }
}

pub fn main() {
    assert_eq!(Store.slots(), 7);
}
