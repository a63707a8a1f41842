//! A helper that hands its lane on, and one that keeps it in a struct meanwhile.
use concurrency_probe::{Lane, Scope, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

fn link_and_log(lane: Lane<'_>, slot: u32) -> u32 {
    let linked = link_slot(lane, slot);
    assert_eq!(linked, slot);
    linked
}

struct Linker<'lane> {
    lane: Lane<'lane>,
    slot: u32,
}

impl Linker<'_> {
    fn link(self) -> u32 {
        link_and_log(self.lane, self.slot)
    }
}

pub fn main() {
    let linked = Scope::open("install").pass("warm").map(0..3, |lane, slot| Linker { lane, slot }.link());
    assert_eq!(linked, [0, 1, 2]);
}
