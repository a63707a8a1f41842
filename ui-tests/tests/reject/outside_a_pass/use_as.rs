//! A marked function called under another name (`use .. as`).
use store::link_slot as link;

mod store {
    use concurrency_probe::{Lane, must_run_parallel};

    #[must_run_parallel]
    pub fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
        slot
    }
}

async fn install(slot: u32) -> u32 {
    link(slot)
}

pub fn main() {
    assert_eq!(futures::executor::block_on(install(7)), 7);
}
