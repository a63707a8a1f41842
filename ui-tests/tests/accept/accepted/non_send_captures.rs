//! A closure that captures what cannot be sent, where the pass asks for no more than `with_lane` does.
use concurrency_probe::{Lane, must_run_parallel, testing::with_lane};
use std::rc::Rc;

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: &Rc<u32>) -> Rc<u32> {
    Rc::clone(slot)
}

pub fn main() {
    let slot = Rc::new(7);
    assert_eq!(with_lane(|lane| link_slot(lane, &slot)), Rc::new(7));
}
