//! On one that is.
use concurrency_probe::concurrency_probe;

#[concurrency_probe(scope = "install", polls)]
async fn fetch(id: u32) -> u32 {
    id
}

pub fn main() {
    let _ = fetch(7);
}
