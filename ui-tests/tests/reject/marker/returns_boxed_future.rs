//! A function that returns a boxed future.
use concurrency_probe::{Lane, must_run_parallel};
use std::pin::Pin;

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> Pin<Box<dyn Future<Output = u32>>> {
    Box::pin(async move { slot })
}

pub fn main() {
    let _ = link_slot;
}
