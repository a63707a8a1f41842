//! `then` awaits an `offload`, where `map` would call on the task.
use concurrency_probe::{Lane, must_run_parallel};
use futures::FutureExt;

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

async fn fetch(id: u32) -> u32 {
    id
}

pub fn main() {
    let linked = fetch(7).then(|slot| concurrency_probe::offload(move |lane| link_slot(lane, slot)));
    assert_eq!(futures::executor::block_on(linked), 7);
}
