//! `Lane::join` instead.
use concurrency_probe::{Lane, testing::with_lane};

fn look(_lane: Lane<'_>) {}

pub fn main() {
    with_lane(|lane| {
        lane.join(|lane| look(lane), |lane| look(lane));
    });
}
