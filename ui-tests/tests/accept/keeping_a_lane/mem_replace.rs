//! Into a place for the lanes of one lifetime, of which there is one lane.
use concurrency_probe::{Lane, testing::with_lane};

fn swap<'kept>(kept: &mut Option<Lane<'kept>>, lane: Lane<'kept>) {
    drop(std::mem::replace(kept, Some(lane)));
}

pub fn main() {
    with_lane(|lane| swap(&mut None, lane));
}
