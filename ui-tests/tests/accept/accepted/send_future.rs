//! The future stays `Send`, with a pass held across awaits, and with the work of each kind.
use concurrency_probe::{Lane, Scope, must_run_parallel, offload};
use futures::stream;

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> Result<(), String> {
    if slot > 0 { Ok(()) } else { Err("slot 0".into()) }
}

async fn fetch(id: u32) -> u32 {
    tokio::task::yield_now().await;
    id
}

async fn install(mut scope: Scope) -> Result<(), String> {
    let [warm, cold] = scope.passes(["warm", "cold"]);
    let slot = fetch(1).await;
    warm.try_for_each([slot], link_slot)?;
    cold.drive(stream::iter([Ok(1), Ok(2)]), link_slot).await?;
    let again = scope.pass("again");
    again.drive_in_place(stream::iter([Ok(1), Ok(2)]), |lane, slot| link_slot(lane, *slot)).await?;
    offload(|lane| link_slot(lane, 1)).await
}

#[tokio::main]
pub async fn main() {
    assert_eq!(tokio::spawn(install(Scope::open("install"))).await.unwrap(), Ok(()));
}
