//! `drive_in_place`, whose closure may.
use concurrency_probe::{Lane, Scope, must_run_parallel};
use futures::stream;

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, store: &str, slot: &u32) -> Result<(), String> {
    if *slot > 0 { Ok(()) } else { Err(format!("no slot 0 in {store}")) }
}

async fn install(scope: &mut Scope) -> Result<(), String> {
    let store = String::from("store");
    let slots = stream::iter((1..4).map(Ok));
    scope.pass("cold").drive_in_place(slots, |lane, slot| link_slot(lane, &store, slot)).await
}

pub fn main() {
    futures::executor::block_on(install(&mut Scope::open("install"))).unwrap();
}
