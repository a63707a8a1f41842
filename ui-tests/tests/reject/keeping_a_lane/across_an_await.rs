//! A lane held across an await in a future that has to be `Send`.
use concurrency_probe::Lane;

async fn wait(_lane: Lane<'_>) {
    std::future::ready(()).await;
}

fn sent<F: Future + Send>(_future: F) {}

pub fn main() {
    let _ = |lane: Lane<'_>| sent(wait(lane));
}
