//! `polls` on a function that is not async.
use concurrency_probe::concurrency_probe;

#[concurrency_probe(scope = "install", polls)]
fn fetch(id: u32) -> u32 {
    id
}

pub fn main() {
    let _ = fetch(7);
}
