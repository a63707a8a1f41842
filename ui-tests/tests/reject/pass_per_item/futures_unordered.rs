//! A pass in each future of a `FuturesUnordered`.
use concurrency_probe::{Lane, Scope, must_run_parallel};
use futures::stream::{FuturesUnordered, StreamExt};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> Result<(), String> {
    if slot > 0 { Ok(()) } else { Err("slot 0".into()) }
}

async fn fetch(id: u32) -> Result<u32, String> {
    Ok(id)
}

async fn install(scope: &mut Scope) -> Result<(), String> {
    let pass = scope.pass("cold");
    let links = FuturesUnordered::new();
    for id in 1..4 {
        links.push(async move { pass.try_for_each([fetch(id).await?], link_slot) });
    }
    links.fold(Ok(()), async |all, link| all.and(link)).await
}

pub fn main() {
    futures::executor::block_on(install(&mut Scope::open("install"))).unwrap();
}
