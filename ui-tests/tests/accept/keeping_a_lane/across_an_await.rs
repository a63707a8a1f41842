//! Dropped before it.
use concurrency_probe::Lane;

async fn wait(_: ()) {
    std::future::ready(()).await;
}

fn sent<F: Future + Send>(_future: F) {}

pub fn main() {
    let _ = |lane: Lane<'_>| sent(wait(drop(lane)));
}
