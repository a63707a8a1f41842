//! One pass in every round of `while let .. next()`.
use concurrency_probe::{Lane, Scope, must_run_parallel};
use futures::stream::{self, StreamExt};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> Result<(), String> {
    if slot > 0 { Ok(()) } else { Err("slot 0".into()) }
}

async fn install(scope: &mut Scope) -> Result<(), String> {
    let mut slots = stream::iter(1..4);
    let pass = scope.pass("cold");
    while let Some(slot) = slots.next().await {
        pass.try_for_each([slot], link_slot)?;
    }
    Ok(())
}

pub fn main() {
    futures::executor::block_on(install(&mut Scope::open("install"))).unwrap();
}
