//! `drive` over the stream.
use concurrency_probe::{Lane, Scope, must_run_parallel};
use futures::stream;

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> Result<(), String> {
    if slot > 0 { Ok(()) } else { Err("slot 0".into()) }
}

async fn install(scope: &mut Scope) -> Result<(), String> {
    let slots = stream::iter((1..4).map(Ok));
    let pass = scope.pass("cold");
    pass.drive(slots, link_slot).await
}

pub fn main() {
    futures::executor::block_on(install(&mut Scope::open("install"))).unwrap();
}
