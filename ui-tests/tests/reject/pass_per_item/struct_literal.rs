//! A pass made with a struct literal.
use concurrency_probe::{Lane, Pass, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) {
    assert!(slot > 0);
}

pub fn main() {
    let pass: Pass<'_> = Pass {};
    pass.for_each(1..4, link_slot);
}
