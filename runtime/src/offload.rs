//! `offload`: one piece of owned work, on rayon, from async code.

use crate::context::Context;
use crate::hold::Token;
use crate::job;
use crate::lane::{Ground, Lane};
use crate::lock;
use rayon::ThreadPool;
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
/// On a worker of that pool, which an executor may block while it waits for the future (`block_on`), the second poll runs `f` if
/// no other worker has begun, so that a pool of one thread does not wait for itself.
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
    let context = Context::current();
    let scope = context.innermost().cloned();
    let pool = scope.as_ref().and_then(|scope| scope.pool());
    let on_its_way = scope.and_then(|scope| scope.root());
    let awaited = Awaited {
        work: Arc::new(Work {
            context,
            state: Mutex::new(State {
                f: Some((f, on_its_way)),
                result: None,
                waker: None,
                is_awaited: true,
            }),
        }),
        pool,
    };
    let work = Arc::clone(&awaited.work);
    job::spawn(awaited.pool.as_ref(), move || work.run());
    let mut is_first = true;
    let result = poll_fn(|cx| {
        {
            let mut state = lock(&awaited.work.state);
            if let Some(result) = state.result.take() {
                return Poll::Ready(result);
            }
            state.waker = Some(cx.waker().clone());
        }
        if job::runs_on(awaited.pool.as_ref()) {
            // Not in the first poll: the siblings of this future are to be polled, and their work sent, before.
            if std::mem::replace(&mut is_first, false) {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            awaited.work.run();
            if let Some(result) = lock(&awaited.work.state).result.take() {
                return Poll::Ready(result);
            }
        }
        Poll::Pending
    });
    result.await.unwrap_or_else(|payload| resume_unwind(payload))
}

/// What the future and the job share.
struct Work<R, F> {
    /// The scopes that are current in `f`.
    context: Context,
    state: Mutex<State<R, F>>,
}

struct State<R, F> {
    /// Until somebody runs it.
    f: Option<(F, Option<Token>)>,
    result: Option<Result<R, Box<dyn Any + Send>>>,
    waker: Option<Waker>,
    is_awaited: bool,
}

impl<R, F: for<'lane> FnOnce(Lane<'lane>) -> R> Work<R, F> {
    /// Runs `f` on this thread, unless somebody has.
    fn run(&self) {
        let Some((f, on_its_way)) = lock(&self.state).f.take() else { return };
        let result = catch_unwind(AssertUnwindSafe(|| {
            drop(on_its_way);
            Ground { context: &self.context, meter: None }.run(f)
        }));
        let (waker, unawaited) = {
            let mut state = lock(&self.state);
            let unawaited = if state.is_awaited { state.result.replace(result) } else { Some(result) };
            (state.waker.take(), unawaited)
        };
        job::discard(unawaited);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// Gives the work up when the future is dropped.
struct Awaited<R, F> {
    work: Arc<Work<R, F>>,
    pool: Option<Arc<ThreadPool>>,
}

impl<R, F> Drop for Awaited<R, F> {
    fn drop(&mut self) {
        let left = {
            let mut state = lock(&self.work.state);
            state.is_awaited = false;
            (state.f.take(), state.result.take())
        };
        drop(left);
    }
}
