//! One that owns.
use concurrency_probe::{Lane, must_run_parallel, offload};

#[must_run_parallel]
fn link_slots(_lane: Lane<'_>, slots: &[u32]) -> usize {
    slots.len()
}

async fn install() -> usize {
    let slots = vec![1, 2, 3];
    offload(move |lane| link_slots(lane, &slots)).await
}

pub fn main() {
    assert_eq!(futures::executor::block_on(install()), 3);
}
