//! `block_on(join_all(..))` over marked calls in one lane.
use concurrency_probe::{Lane, Scope, must_run_parallel};
use futures::{executor::block_on, future::join_all};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

pub fn main() {
    let linked = Scope::open("install").pass("warm").map([1, 3, 5], |lane, slot| {
        block_on(join_all([slot, slot + 1].map(|slot| async move { link_slot(lane, slot) })))
    });
    assert_eq!(linked, [[1, 2], [3, 4], [5, 6]]);
}
