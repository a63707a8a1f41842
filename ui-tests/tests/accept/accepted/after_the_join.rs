//! A pass after the join of the futures that fetch.
use concurrency_probe::{Lane, Scope, must_run_parallel};
use futures::future::try_join_all;

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

async fn fetch(id: u32) -> Result<u32, String> {
    Ok(id)
}

async fn install(scope: &mut Scope, ids: Vec<u32>) -> Result<Vec<u32>, String> {
    let slots = try_join_all(ids.into_iter().map(fetch)).await?;
    Ok(scope.pass("cold").map(slots, link_slot))
}

#[tokio::main]
pub async fn main() {
    let mut scope = Scope::open("install");
    assert_eq!(install(&mut scope, vec![1, 2, 3]).await, Ok(vec![1, 2, 3]));
}
