//! A pass in each future of `for_each_concurrent`.
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
    stream::iter(1..4)
        .for_each_concurrent(2, |id| async move {
            let slot = fetch(id).await.unwrap();
            scope.pass("cold").for_each([slot], |lane, slot| link_slot(lane, slot).unwrap());
        })
        .await;
    Ok(())
}

pub fn main() {
    futures::executor::block_on(install(&mut Scope::open("install"))).unwrap();
}
