//! The futures fetch, and one pass links.
use concurrency_probe::{Lane, Scope, must_run_parallel};
use futures::future::try_join_all;

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> Result<(), String> {
    if slot > 0 { Ok(()) } else { Err("slot 0".into()) }
}

async fn fetch(id: &u32) -> Result<u32, String> {
    Ok(*id)
}

async fn install(scope: &mut Scope, ids: &[u32]) -> Result<(), String> {
    let pass = scope.pass("cold");
    let slots = try_join_all(ids.iter().map(fetch)).await?;
    pass.try_for_each(slots, link_slot)
}

pub fn main() {
    futures::executor::block_on(install(&mut Scope::open("install"), &[1, 2])).unwrap();
}
