//! A marked function called from a sync helper that async code calls.
use concurrency_probe::{Lane, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

fn link_and_log(slot: u32) -> u32 {
    let linked = link_slot(slot);
    println!("linked {linked}");
    linked
}

async fn install(slot: u32) -> u32 {
    link_and_log(slot)
}

pub fn main() {
    assert_eq!(futures::executor::block_on(install(7)), 7);
}
