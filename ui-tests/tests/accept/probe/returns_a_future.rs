//! One that builds it in tail position.
use concurrency_probe::concurrency_probe;

async fn fetch(id: u32) -> u32 {
    id
}

#[concurrency_probe(scope = "install")]
fn fetch_again(id: u32) -> impl Future<Output = u32> {
    async move { fetch(id).await }
}

pub fn main() {
    assert_eq!(futures::executor::block_on(fetch_again(7)), 7);
}
