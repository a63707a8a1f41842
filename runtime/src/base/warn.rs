//! Warnings on standard error.

use std::fmt::Arguments;
use std::io::Write as _;

/// Prints a warning. A test harness captures it. If standard error is closed, `eprintln` panics, and that panic is
/// ignored.
pub(crate) fn warn(message: Arguments<'_>) {
    let print = std::panic::AssertUnwindSafe(|| eprintln!("warning: concurrency-probe: {message}"));
    let _ = std::panic::catch_unwind(print);
}

/// Prints a warning that a test harness does not capture. It is for a thread that waits, because captured output is shown only when a test has ended.
pub(crate) fn warn_uncaptured(message: Arguments<'_>) {
    let _ = writeln!(std::io::stderr(), "warning: concurrency-probe: {message}");
}
