//! A lane behind a trait object that lives for ever.
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
    let mut link = with_lane(|lane| -> Box<dyn Link> { Box::new(Some(lane)) });
    assert_eq!(link.link(7), Some(7));
}
