//! The probe on a function that returns a future it does not build: only the call that builds it would be counted.
use concurrency_probe::concurrency_probe;

async fn fetch(id: u32) -> u32 {
    id
}

#[concurrency_probe(scope = "install")]
fn fetch_again(id: u32) -> impl Future<Output = u32> {
    fetch(id)
}

pub fn main() {
    assert_eq!(futures::executor::block_on(fetch_again(7)), 7);
}
