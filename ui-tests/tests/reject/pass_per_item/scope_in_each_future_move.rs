//! A pass started from the scope in each future of a `try_join_all`, with `move`.
use concurrency_probe::{Lane, Scope, must_run_parallel};
use futures::future::try_join_all;

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> Result<(), String> {
    if slot > 0 { Ok(()) } else { Err("slot 0".into()) }
}

async fn fetch(id: &u32) -> Result<u32, String> {
    Ok(*id)
}

async fn install(scope: &mut Scope, ids: &[u32]) -> Result<Vec<()>, String> {
    let links = ids.iter().map(|id| async move {
        let slot = fetch(id).await?;
        scope.pass("cold").try_for_each([slot], link_slot)
    });
    try_join_all(links).await
}

pub fn main() {
    futures::executor::block_on(install(&mut Scope::open("install"), &[1, 2])).unwrap();
}
