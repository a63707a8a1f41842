//! A pass in an `Arc<Mutex<Option<_>>>` of sibling futures: one of them has it, the others have none.
use concurrency_probe::{Lane, Pass, Scope, must_run_parallel};
use futures::future::join_all;
use std::sync::{Arc, Mutex};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

async fn link(pass: Arc<Mutex<Option<Pass<'_>>>>, slot: u32) -> Option<Vec<u32>> {
    let pass = pass.lock().unwrap().take();
    pass.map(|pass| pass.map([slot], link_slot))
}

pub fn main() {
    let mut scope = Scope::open("install");
    let pass = Arc::new(Mutex::new(Some(scope.pass("warm"))));
    let linked = futures::executor::block_on(join_all((0..3).map(|slot| link(Arc::clone(&pass), slot))));
    assert_eq!(linked, [Some(vec![0]), None, None]);
}
