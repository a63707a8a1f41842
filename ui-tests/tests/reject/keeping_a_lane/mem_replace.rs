//! A lane swapped into the place of another one, which outlives it.
use concurrency_probe::{Lane, testing::with_lane};

fn swap<'kept>(kept: &mut Lane<'kept>, lane: Lane<'_>) {
    drop(std::mem::replace(kept, lane));
}

pub fn main() {
    with_lane(|mut kept| with_lane(|lane| swap(&mut kept, lane)));
}
