//! A lane sent to another thread, from a pass.
use concurrency_probe::{Lane, Scope};
use std::sync::mpsc;

pub fn main() {
    let (sender, receiver) = mpsc::channel::<Lane<'_>>();
    Scope::open("install").pass("warm").for_each([7], |lane, slot| {
        assert_eq!(slot, 7);
        sender.send(lane).unwrap();
    });
    assert!(receiver.try_recv().is_ok());
}
