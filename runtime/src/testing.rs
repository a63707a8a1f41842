//! Helpers for unit tests of functions marked with [`#[must_run_parallel]`](crate::must_run_parallel).

use crate::base::trace::SpanRef;
use crate::call::context::Context;
use crate::work::lane::{Base, Lane};

/// Runs `f` on this thread with a lane, outside of any pass. It is for unit tests of functions marked with
/// [`#[must_run_parallel]`](crate::must_run_parallel).
///
/// It is the only way around the marker, and easy to find: `grep -rn with_lane src/` should find nothing in a
/// program. The scopes that are current here are also current in `f`.
///
/// ```
/// use concurrency_probe::{Lane, must_run_parallel, testing::with_lane};
///
/// #[must_run_parallel]
/// fn double(_lane: Lane<'_>, n: u32) -> u32 {
///     2 * n
/// }
///
/// assert_eq!(with_lane(|lane| double(lane, 21)), 42);
/// ```
///
/// # Panics
///
/// If `f` panics, with its payload.
pub fn with_lane<R>(f: impl for<'lane> FnOnce(Lane<'lane>) -> R) -> R {
    let context = Context::current();
    f(Base { context: &context, meter: None, span: SpanRef::default() }.lane())
}
