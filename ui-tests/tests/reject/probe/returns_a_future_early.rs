//! The probe on a function that returns a future early which it does not build.
use concurrency_probe::concurrency_probe;
use std::pin::Pin;

async fn fetch(id: u32) -> u32 {
    id
}

#[concurrency_probe(scope = "install")]
fn fetch_cached(id: u32) -> Pin<Box<dyn Future<Output = u32>>> {
    if id > 0 {
        return Box::pin(fetch(id));
    }
    Box::pin(async move { id })
}

pub fn main() {
    assert_eq!(futures::executor::block_on(fetch_cached(7)), 7);
}
