//! Its result is sent.
use concurrency_probe::{Lane, Scope};
use std::sync::mpsc;

pub fn main() {
    let (sender, receiver) = mpsc::channel::<u32>();
    Scope::open("install").pass("warm").for_each([7], |lane, slot| {
        let _: Lane<'_> = lane;
        sender.send(slot).unwrap();
    });
    assert!(receiver.try_recv().is_ok());
}
