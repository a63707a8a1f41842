//! A marked function called with one argument that ends in `?`: the compiler takes it for the lane.
use concurrency_probe::{Lane, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> Result<u32, String> {
    Ok(slot)
}

async fn fetch(id: u32) -> Result<u32, String> {
    Ok(id)
}

async fn install(id: u32) -> Result<u32, String> {
    link_slot(fetch(id).await?)
}

pub fn main() {
    assert_eq!(futures::executor::block_on(install(7)), Ok(7));
}
