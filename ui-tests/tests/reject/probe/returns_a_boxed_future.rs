//! The probe on a function that returns a boxed future it does not build.
use concurrency_probe::concurrency_probe;
use futures::future::BoxFuture;

async fn fetch(id: u32) -> u32 {
    id
}

#[concurrency_probe(scope = "install")]
fn fetch_again(id: u32) -> BoxFuture<'static, u32> {
    Box::pin(fetch(id))
}

pub fn main() {
    assert_eq!(futures::executor::block_on(fetch_again(7)), 7);
}
