//! The helper takes the lane of whoever calls it, and hands it on.
use concurrency_probe::{Lane, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

fn link_and_log(lane: Lane<'_>, slot: u32) -> u32 {
    let linked = link_slot(lane, slot);
    println!("linked {linked}");
    linked
}

async fn install(slot: u32) -> u32 {
    concurrency_probe::offload(move |lane| link_and_log(lane, slot)).await
}

pub fn main() {
    assert_eq!(futures::executor::block_on(install(7)), 7);
}
