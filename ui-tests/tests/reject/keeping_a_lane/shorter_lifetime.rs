//! A lane made to last shorter: its lifetime is invariant, so that no place fits two lanes.
use concurrency_probe::{Lane, testing::with_lane};

fn shorten<'long: 'short, 'short>(lane: Lane<'long>) -> Lane<'short> {
    lane
}

pub fn main() {
    with_lane(|lane| drop(shorten(lane)));
}
