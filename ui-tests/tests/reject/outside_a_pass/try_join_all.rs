//! The bug itself: a marked function called in each future of a `try_join_all`.
use concurrency_probe::{Lane, Scope, must_run_parallel};
use futures::future::try_join_all;

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> Result<u32, String> {
    Ok(slot)
}

async fn fetch(id: u32) -> Result<u32, String> {
    Ok(id)
}

async fn install(scope: &mut Scope, ids: Vec<u32>) -> Result<Vec<u32>, String> {
    scope.count("fetched", ids.len() as u64);
    let slots = ids.into_iter().map(|id| async move {
        let slot = fetch(id).await?;
        link_slot(slot)
    });
    try_join_all(slots).await
}

pub fn main() {
    let mut scope = Scope::open("install");
    assert_eq!(futures::executor::block_on(install(&mut scope, vec![1, 2])), Ok(vec![1, 2]));
}
