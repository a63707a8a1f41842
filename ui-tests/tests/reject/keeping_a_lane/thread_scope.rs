//! A lane moved to a scoped thread.
use concurrency_probe::{Lane, must_run_parallel, testing::with_lane};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) {
    assert!(slot > 0);
}

pub fn main() {
    with_lane(|lane| {
        std::thread::scope(|scope| {
            scope.spawn(move || link_slot(lane, 7));
        });
    });
}
