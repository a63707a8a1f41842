//! A lane moved into a task of `rayon::scope`.
use concurrency_probe::{Lane, must_run_parallel, testing::with_lane};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) {
    assert!(slot > 0);
}

pub fn main() {
    with_lane(|lane| rayon::scope(|scope| scope.spawn(move |_| link_slot(lane, 7))));
}
