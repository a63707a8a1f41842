//! `drive` over a stream of downloads.
use concurrency_probe::{Lane, Scope, must_run_parallel};
use futures::stream::{self, StreamExt};
use std::sync::{Arc, Mutex};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> Result<u32, String> {
    if slot > 0 { Ok(slot) } else { Err("slot 0".into()) }
}

async fn fetch(id: u32) -> Result<u32, String> {
    tokio::task::yield_now().await;
    Ok(id)
}

async fn install(scope: &mut Scope, ids: Vec<u32>) -> Result<Vec<u32>, String> {
    let linked = Arc::new(Mutex::new(Vec::new()));
    let done = Arc::clone(&linked);
    let downloads = stream::iter(ids).map(fetch).buffer_unordered(4);
    scope
        .pass("cold")
        .queue(2)
        .drive(downloads, move |lane, slot| {
            let slot = link_slot(lane, slot)?;
            done.lock().unwrap().push(slot);
            Ok(())
        })
        .await?;
    let mut linked = std::mem::take(&mut *linked.lock().unwrap());
    linked.sort_unstable();
    Ok(linked)
}

#[tokio::main]
pub async fn main() {
    let mut scope = Scope::open("install");
    assert_eq!(install(&mut scope, vec![3, 1, 2]).await, Ok(vec![1, 2, 3]));
    assert_eq!(install(&mut scope, vec![3, 0, 2]).await, Err("slot 0".into()));
}
