//! Its result is sent.
use concurrency_probe::{Lane, must_run_parallel, testing::with_lane};
use std::sync::mpsc;

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

pub fn main() {
    let (sender, receiver) = mpsc::channel();
    with_lane(|lane| sender.send(link_slot(lane, 7)).is_ok());
    assert_eq!(receiver.recv(), Ok(7));
}
