//! The probe is on the async function that makes each item.
use concurrency_probe::concurrency_probe;
use futures::stream::{self, Stream, StreamExt as _};

#[concurrency_probe(scope = "install")]
async fn fetch(id: u32) -> u32 {
    id
}

fn fetch_all(ids: Vec<u32>) -> impl Stream<Item = u32> {
    stream::iter(ids).then(fetch)
}

pub fn main() {
    let fetched = fetch_all(vec![7]).collect::<Vec<_>>();
    assert_eq!(futures::executor::block_on(fetched), [7]);
}
