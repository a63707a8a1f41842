//! A marked declaration with a type of one's own that is named `Lane`, and an `impl` that is not marked. There is no body
//! for the marker to put its check in; marked, the `impl` would be rejected.
use concurrency_probe::must_run_parallel;

struct Lane;

trait Linker {
    #[must_run_parallel]
    fn link_slot(&self, lane: Lane, slot: u32) -> u32;
}

struct HardLinker;

impl Linker for HardLinker {
    fn link_slot(&self, _lane: Lane, slot: u32) -> u32 {
        slot
    }
}

pub fn main() {
    assert_eq!(HardLinker.link_slot(Lane, 7), 7);
}
