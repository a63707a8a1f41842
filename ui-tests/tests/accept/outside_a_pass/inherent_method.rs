//! The method is given the lane of an `offload`.
use concurrency_probe::{Lane, must_run_parallel};

struct Store {
    slots: u32,
}

impl Store {
    #[must_run_parallel]
    fn link_slot(&self, _lane: Lane<'_>, slot: u32) -> bool {
        slot < self.slots
    }
}

async fn install(store: Store) -> bool {
    concurrency_probe::offload(move |lane| store.link_slot(lane, 7)).await
}

pub fn main() {
    assert!(futures::executor::block_on(install(Store { slots: 8 })));
}
