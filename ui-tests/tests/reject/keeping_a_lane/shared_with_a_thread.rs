//! A lane borrowed by another thread.
use concurrency_probe::{Lane, testing::with_lane};

fn look(_lane: &Lane<'_>) {}

pub fn main() {
    with_lane(|lane| {
        let lane = &lane;
        std::thread::scope(|scope| {
            scope.spawn(move || look(lane));
        });
    });
}
