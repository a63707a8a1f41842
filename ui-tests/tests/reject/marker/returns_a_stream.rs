//! A function that returns a stream, which would run outside the lane.
use concurrency_probe::{Lane, must_run_parallel};
use futures::stream::{self, Stream};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, files: Vec<u32>) -> impl Stream<Item = u32> {
    stream::iter(files)
}

pub fn main() {
    let _ = link_slot;
}
