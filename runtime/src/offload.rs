//! `offload`: one piece of owned work, on rayon, from async code.

use crate::context::Context;
use crate::lane::{Ground, Lane};
use crate::lock;
use std::any::Any;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};

/// Runs `f` on a rayon worker and awaits it without blocking the task. The scopes that are current at the first poll
/// are current in `f`; it runs on the innermost one's own pool if it has one, else where [`rayon::spawn`] runs it.
///
/// Nothing happens before the first poll. If the future is dropped before a worker has begun, `f` is dropped and
/// never runs; after that it runs to its end, and its result is dropped.
///
/// On a rayon worker that drives the future itself (`block_on` in a pool) the worker runs queued jobs before it
/// waits, so that a pool of one thread does not wait for itself.
///
/// ```
/// use concurrency_probe::{Lane, must_run_parallel, offload};
///
/// #[must_run_parallel]
/// fn checksum(_lane: Lane<'_>, bytes: &[u8]) -> u64 {
///     bytes.iter().map(|byte| u64::from(*byte)).sum()
/// }
///
/// # futures::executor::block_on(async {
/// let bytes = vec![1, 2, 3];
/// assert_eq!(offload(move |lane| checksum(lane, &bytes)).await, 6);
/// # });
/// ```
///
/// # Panics
///
/// If `f` panics, the future panics with its payload.
pub async fn offload<R, F>(f: F) -> R
where
    R: Send + 'static,
    F: for<'lane> FnOnce(Lane<'lane>) -> R + Send + 'static,
{
    let job = Job::spawn(f);
    poll_fn(|cx| {
        loop {
            {
                let mut state = lock(&job.0);
                if let Some(result) = state.result.take() {
                    return Poll::Ready(result);
                }
                state.waker = Some(cx.waker().clone());
            }
            if !run_queued_job() {
                return Poll::Pending;
            }
        }
    })
    .await
    .unwrap_or_else(|payload| resume_unwind(payload))
}

/// On a rayon worker, runs a job that is queued on its pool, if there is one: whoever blocks this thread to wait for a
/// future would else keep that job from running.
pub(crate) fn run_queued_job() -> bool {
    matches!(rayon::yield_now(), Some(rayon::Yield::Executed))
}

struct Job<R>(Arc<Mutex<State<R>>>);

struct State<R> {
    waker: Option<Waker>,
    result: Option<Result<R, Box<dyn Any + Send>>>,
    abandoned: bool,
}

impl<R: Send + 'static> Job<R> {
    fn spawn(f: impl for<'lane> FnOnce(Lane<'lane>) -> R + Send + 'static) -> Self {
        let state = Arc::new(Mutex::new(State { waker: None, result: None, abandoned: false }));
        let context = Context::current();
        let scope = context.innermost().cloned();
        let on_its_way = scope.as_ref().and_then(|scope| scope.root());
        let job = Arc::clone(&state);
        let work = move || {
            drop(on_its_way);
            if lock(&job).abandoned {
                return;
            }
            let ground = Ground { context: &context, meter: None };
            let result = catch_unwind(AssertUnwindSafe(|| ground.run(f)));
            let waker = {
                let mut state = lock(&job);
                state.result = Some(result);
                state.waker.take()
            };
            if let Some(waker) = waker {
                waker.wake();
            }
        };
        match scope.and_then(|scope| scope.pool()) {
            Some(pool) => pool.spawn(work),
            None => rayon::spawn(work),
        }
        Job(state)
    }
}

impl<R> Drop for Job<R> {
    fn drop(&mut self) {
        let result = {
            let mut state = lock(&self.0);
            state.abandoned = true;
            state.result.take()
        };
        // A result that nobody awaits is dropped outside of the lock.
        drop(result);
    }
}
