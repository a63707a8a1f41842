//! `offload_blocking`: runs one piece of owned work that waits, on tokio's blocking threads.

use crate::work::lane::Lane;
use crate::work::offload_site::OffloadSite;
use std::panic::{AssertUnwindSafe, Location, catch_unwind, resume_unwind};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

/// Runs `f` on one of tokio's blocking threads and awaits it without blocking the task.
///
/// It is for marked work that waits for a child process or a socket. A rayon worker must not wait for these. The scopes that are current at the
/// first poll are current in `f`.
///
/// It is recorded by its place like [`offload`](crate::offload()), with the same finding for offloads that follow one another. Nothing
/// happens before the first poll. If the future is dropped before `f` has begun, `f` is dropped and never runs.
///
/// ```
/// use concurrency_probe::{Lane, must_run_parallel, offload_blocking};
///
/// #[must_run_parallel]
/// fn version(_lane: Lane<'_>, program: &str) -> std::io::Result<Vec<u8>> {
///     Ok(std::process::Command::new(program).arg("--version").output()?.stdout)
/// }
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let cargo = offload_blocking(|lane| version(lane, "cargo")).await?;
/// assert!(cargo.starts_with(b"cargo"));
/// # Ok::<(), std::io::Error>(())
/// # }).unwrap();
/// ```
///
/// # Panics
///
/// The future panics
///
/// - if it is polled outside of a tokio runtime;
/// - if the runtime shuts down before `f` has begun;
/// - if `f` panics, with its payload;
/// - in a [strict](crate::ScopeBuilder::strict) scope, as [`offload`](crate::offload()) does.
#[track_caller]
pub fn offload_blocking<R, F>(f: F) -> impl Future<Output = R>
where
    R: Send + 'static,
    F: for<'lane> FnOnce(Lane<'lane>) -> R + Send + 'static,
{
    let at = Location::caller();
    async move {
        let runtime = Handle::try_current().unwrap_or_else(|error| {
            panic!(
                "`offload_blocking` at {at} needs the blocking threads of a tokio runtime, and is polled outside of one \
                 ({error}): use `offload`, or poll it inside a runtime"
            )
        });
        let site = OffloadSite::send(at, OffloadSite::ON_TOKIO, |_| 0);
        let booked = site.booked_in();
        let work = move || {
            let result = catch_unwind(AssertUnwindSafe(|| site.run(f)));
            // The offload ends before the task is woken, as in `offload`.
            drop(site);
            result
        };
        let mut running = AbortOnDrop(runtime.spawn_blocking(work));
        let result = match (&mut running.0).await {
            Ok(result) => result,
            Err(error) if error.is_panic() => Err(error.into_panic()),
            Err(error) => {
                panic!("`offload_blocking` at {at} was not run, because its runtime shut down: {error}")
            }
        };
        OffloadSite::insist(booked.as_ref().map(|(scope, batch)| (scope, &**batch)));
        result.unwrap_or_else(|payload| resume_unwind(payload))
    }
}

/// Cancels work that has not begun when the future is dropped.
struct AbortOnDrop<T>(JoinHandle<T>);

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}
