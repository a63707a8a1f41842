//! In an `Arc<Mutex<Option<_>>>` it can be taken once.
use concurrency_probe::{Lane, Scope, must_run_parallel};
use std::sync::{Arc, Mutex};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) {
    assert!(slot > 0);
}

pub fn main() {
    let mut scope = Scope::open("install");
    let pass = Arc::new(Mutex::new(Some(scope.pass("warm"))));
    let pass = pass.lock().unwrap().take();
    pass.unwrap().for_each(1..4, link_slot);
}
