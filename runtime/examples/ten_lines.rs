//! The bug in ten lines, and mended with `--mended`.
//!
//! ```sh
//! CONCURRENCY_PROBE_TIMELINE=1 CONCURRENCY_PROBE_REPORT=report.ndjson cargo run -p concurrency-probe --example ten_lines
//! probe-gate view report.ndjson --image bug.svg
//! ```

use concurrency_probe::{Scope, concurrency_probe};
use futures::executor::block_on;
use futures::future::join_all;
use std::thread::sleep;
use std::time::Duration;

/// Links a package: its files, and beside them its index. It is parallel in itself, and it blocks.
#[concurrency_probe(scope = "install")]
fn link(package: u64) {
    let write = |millis| sleep(Duration::from_millis(millis));
    rayon::join(|| write(10 + 5 * (package % 3)), || write(2));
}

fn main() {
    let mut install = Scope::builder("install").threads(4).open();
    if std::env::args().any(|argument| argument == "--mended") {
        // One pass over all packages.
        install.pass("packages").for_each(0..12, |_lane, package| link(package));
    } else {
        // The bug: all futures run on one task, and each one blocks it. No two packages are linked at once.
        block_on(install.attach(join_all((0..12).map(|package| async move { link(package) }))));
    }
}
