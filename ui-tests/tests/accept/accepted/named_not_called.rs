//! A marked function that is named and not called.
use concurrency_probe::{Lane, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

const LINKERS: [(&str, fn(Lane<'_>, u32) -> u32); 1] = [("hard link", link_slot)];

pub fn main() {
    let _ = link_slot;
    assert_eq!(LINKERS.map(|(name, _)| name), ["hard link"]);
    assert_eq!(size_of_val(&link_slot), 0);
}
