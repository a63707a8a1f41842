//! As long as it lasts.
use concurrency_probe::{Lane, testing::with_lane};

fn the_same<'long>(lane: Lane<'long>) -> Lane<'long> {
    lane
}

pub fn main() {
    with_lane(|lane| drop(the_same(lane)));
}
