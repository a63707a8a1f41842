//! A marked function whose return type is a future under a name that does not say so. The marker reads names: the work
//! is done outside of the lane.
use concurrency_probe::{Lane, Scope, must_run_parallel};
use futures::executor::block_on;
use std::pin::Pin;

type Work = Pin<Box<dyn Future<Output = u32> + Send>>;

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> Work {
    Box::pin(async move { slot })
}

pub fn main() {
    let works = Scope::open("install").pass("warm").map(0..3, link_slot);
    assert_eq!(works.into_iter().map(block_on).collect::<Vec<_>>(), [0, 1, 2]);
}
