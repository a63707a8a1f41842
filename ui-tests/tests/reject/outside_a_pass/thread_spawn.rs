//! A marked function called on a thread of its own.
use concurrency_probe::{Lane, Scope, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

pub fn main() {
    let mut scope = Scope::open("install");
    scope.count("slots", 1);
    let linked = std::thread::spawn(move || vec![link_slot(7)]);
    assert_eq!(linked.join().unwrap(), [7]);
}
