//! A lane kept in an `Rc<RefCell<_>>` around its `with_lane`.
use concurrency_probe::{Lane, must_run_parallel, testing::with_lane};
use std::{cell::RefCell, rc::Rc};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

pub fn main() {
    let kept = Rc::new(RefCell::new(None));
    let keeper = Rc::clone(&kept);
    with_lane(move |lane| *keeper.borrow_mut() = Some(lane));
    assert_eq!(kept.take().map(|lane| link_slot(lane, 7)), Some(7));
}
