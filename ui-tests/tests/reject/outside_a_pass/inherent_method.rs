//! A marked inherent method called from async code.
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
    store.link_slot(7)
}

pub fn main() {
    assert!(futures::executor::block_on(install(Store { slots: 8 })));
}
