//! A lane in a place for anything that lives for ever.
use concurrency_probe::{Lane, testing::with_lane};

fn keep<T: 'static>(_anything: T) {}

pub fn main() {
    with_lane(|lane: Lane<'_>| keep(lane));
}
