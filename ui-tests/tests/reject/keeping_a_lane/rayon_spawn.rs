//! A lane moved into `rayon::spawn`.
use concurrency_probe::{Lane, must_run_parallel};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) {
    assert!(slot > 0);
}

fn link_later(lane: Lane<'static>) {
    rayon::spawn(move || link_slot(lane, 7));
}

pub fn main() {
    let _ = link_later;
}
