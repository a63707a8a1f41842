//! The macro takes a lane, and hands it on.
use concurrency_probe::{Lane, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

macro_rules! link {
    ($lane:expr, $slot:expr) => {
        link_slot($lane, $slot)
    };
}

async fn install(slot: u32) -> u32 {
    concurrency_probe::offload(move |lane| link!(lane, slot)).await
}

pub fn main() {
    assert_eq!(futures::executor::block_on(install(7)), 7);
}
