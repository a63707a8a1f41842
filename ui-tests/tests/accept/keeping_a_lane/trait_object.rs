//! Behind one that does not.
use concurrency_probe::{Lane, must_run_parallel, testing::with_lane};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

trait Link {
    fn link(&mut self, slot: u32) -> Option<u32>;
}

impl Link for Option<Lane<'_>> {
    fn link(&mut self, slot: u32) -> Option<u32> {
        self.take().map(|lane| link_slot(lane, slot))
    }
}

pub fn main() {
    let linked = with_lane(|lane| (Box::new(Some(lane)) as Box<dyn Link + '_>).link(7));
    assert_eq!(linked, Some(7));
}
