//! Its result is kept there.
use concurrency_probe::{Lane, must_run_parallel, testing::with_lane};
use std::{cell::RefCell, rc::Rc};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

pub fn main() {
    let kept = Rc::new(RefCell::new(None));
    let keeper = Rc::clone(&kept);
    with_lane(move |lane| *keeper.borrow_mut() = Some(link_slot(lane, 7)));
    assert_eq!(kept.take(), Some(7));
}
