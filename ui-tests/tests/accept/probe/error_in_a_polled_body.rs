//! None.
use concurrency_probe::concurrency_probe;

#[concurrency_probe(scope = "install", polls)]
async fn fetch(id: u32) -> u32 {
    id
}

pub fn main() {
    assert_eq!(futures::executor::block_on(fetch(7)), 7);
}
