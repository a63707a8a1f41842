//! `drive` over the `FuturesUnordered`, in one pass.
use concurrency_probe::{Lane, Scope, must_run_parallel};
use futures::stream::FuturesUnordered;

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
        links.push(async move { fetch(id).await });
    }
    pass.drive(links, link_slot).await
}

pub fn main() {
    futures::executor::block_on(install(&mut Scope::open("install"))).unwrap();
}
