//! In a place for anything.
use concurrency_probe::{Lane, testing::with_lane};

fn keep<T>(_anything: T) {}

pub fn main() {
    with_lane(|lane: Lane<'_>| keep(lane));
}
