//! The probe on a function that returns a stream: only the call that builds it would be counted.
use concurrency_probe::concurrency_probe;
use futures::stream::{self, Stream, StreamExt as _};

async fn fetch(id: u32) -> u32 {
    id
}

#[concurrency_probe(scope = "install")]
fn fetch_all(ids: Vec<u32>) -> impl Stream<Item = u32> {
    stream::iter(ids).then(fetch)
}

pub fn main() {
    let fetched = fetch_all(vec![7]).collect::<Vec<_>>();
    assert_eq!(futures::executor::block_on(fetched), [7]);
}
