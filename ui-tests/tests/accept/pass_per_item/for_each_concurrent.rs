//! `drive` over the stream, in one pass.
use concurrency_probe::{Lane, Scope, must_run_parallel};
use futures::stream::{self, StreamExt};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> Result<(), String> {
    if slot > 0 { Ok(()) } else { Err("slot 0".into()) }
}

async fn fetch(id: u32) -> Result<u32, String> {
    Ok(id)
}

async fn install(scope: &mut Scope) -> Result<(), String> {
    let slots = stream::iter(1..4)
        .map(|id| async move {
            let slot = fetch(id).await?;
            Ok(slot)
        })
        .buffer_unordered(2);
    scope.pass("cold").drive(slots, link_slot).await
}

pub fn main() {
    futures::executor::block_on(install(&mut Scope::open("install"))).unwrap();
}
