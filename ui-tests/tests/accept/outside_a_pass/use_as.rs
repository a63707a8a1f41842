//! Under another name the function still takes a lane.
use store::link_slot as link;

mod store {
    use concurrency_probe::{Lane, must_run_parallel};

    #[must_run_parallel]
    pub fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
        slot
    }
}

async fn install(slot: u32) -> u32 {
    concurrency_probe::offload(move |lane| link(lane, slot)).await
}

pub fn main() {
    assert_eq!(futures::executor::block_on(install(7)), 7);
}
