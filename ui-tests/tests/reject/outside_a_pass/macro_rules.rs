//! A marked function called by a `macro_rules!` macro.
use concurrency_probe::{Lane, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

macro_rules! link {
    ($slot:expr) => {
        link_slot($slot)
    };
}

async fn install(slot: u32) -> u32 {
    link!(slot)
}

pub fn main() {
    assert_eq!(futures::executor::block_on(install(7)), 7);
}
