//! Warnings on standard error.

use std::fmt::Arguments;
use std::io::Write as _;

/// Prints a warning, where a test harness captures it. A standard error that is closed makes `eprintln` panic, and is
/// no reason to fail.
pub(crate) fn warn(message: Arguments<'_>) {
    let print = std::panic::AssertUnwindSafe(|| eprintln!("warning: concurrency-probe: {message}"));
    let _ = std::panic::catch_unwind(print);
}

/// Prints a warning that a test harness does not capture: for a thread that waits, whose captured output nobody would see.
pub(crate) fn warn_uncaptured(message: Arguments<'_>) {
    let _ = writeln!(std::io::stderr(), "warning: concurrency-probe: {message}");
}
