//! `offload`: runs one piece of owned work on rayon, from async code.

use crate::base::lock::lock;
use crate::verdict::hold::tokens::Token;
use crate::work::job;
use crate::work::lane::Lane;
use crate::work::offload_site::OffloadSite;
use rayon::ThreadPool;
use std::any::Any;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, Location, catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};

/// Runs `f` on a rayon worker and awaits it without blocking the task.
///
/// The scopes that are current at the first poll are current in `f`. It runs on the own pool of the innermost scope if that has one, else where
/// [`rayon::spawn`] runs it.
///
/// Nothing happens before the first poll. If the future is dropped before a worker has begun `f`, `f` is dropped and
/// never runs. If the future is dropped later, `f` runs to its end, and its result is dropped.
///
/// The innermost scope records the offloads of each place in the source like a pass: items, peak, wall time and busy time. If four or more
/// offloads of one place follow one another, this is a [finding](crate::FindingKind::SerialOffloads): an offload that is awaited in a loop
/// overlaps with nothing. Await them together instead.
///
/// If the future is polled on a rayon worker, an executor may block this worker while it waits (`block_on`). Then, if no other worker has begun
/// `f`, a new thread outside of the pool runs it. So a pool of one thread does not wait for itself. For work that waits, for a socket or a child
/// process, use `offload_blocking` (feature `tokio`).
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
/// let files = [vec![1, 2, 3], vec![4]];
/// let sums = files.map(|bytes| offload(move |lane| checksum(lane, &bytes)));
/// assert_eq!(futures::future::join_all(sums).await, [6, 4]);
/// # });
/// ```
///
/// # Panics
///
/// If `f` panics, the future panics with its payload. In a [strict](crate::ScopeBuilder::strict) scope the future also panics at the fourth
/// offload of a place, if each was sent after the one before it had ended.
#[track_caller]
pub fn offload<R, F>(f: F) -> impl Future<Output = R>
where
    R: Send + 'static,
    F: for<'lane> FnOnce(Lane<'lane>) -> R + Send + 'static,
{
    let at = Location::caller();
    async move {
        let site = OffloadSite::send(at, OffloadSite::ON_RAYON, |scope| {
            scope.own_pool().get().map_or_else(rayon::current_num_threads, |pool| pool.current_num_threads())
        });
        let booked = site.booked_in();
        let pool = site.pool();
        let on_its_way = site.on_its_way();
        let work = Work(Mutex::new(State {
            f: Some((f, site, on_its_way)),
            result: None,
            waker: None,
            is_awaited: true,
        }));
        let awaited = Awaited { work: Arc::new(work), pool };
        let work = Arc::clone(&awaited.work);
        job::spawn(awaited.pool.as_ref(), move || work.run());
        let mut polls = 0_u32;
        let result = poll_fn(|cx| {
            // Cloned and dropped without the lock, because both run foreign code.
            let waker = cx.waker().clone();
            let before = {
                let mut state = lock(&awaited.work.0);
                if let Some(result) = state.result.take() {
                    return Poll::Ready(result);
                }
                state.waker.replace(waker)
            };
            drop(before);
            // Not in the first poll: the siblings of this future must be polled before, so that their work is sent.
            polls = polls.saturating_add(1);
            if polls <= 2 && job::is_on_worker() && awaited.work.has_not_begun() {
                if polls == 1 {
                    cx.waker().wake_by_ref();
                } else {
                    let work = Arc::clone(&awaited.work);
                    let _ = job::spawn_beside(move || work.run());
                }
            }
            Poll::Pending
        });
        let result = result.await;
        OffloadSite::insist(booked.as_ref().map(|(scope, batch)| (scope, &**batch)));
        result.unwrap_or_else(|payload| resume_unwind(payload))
    }
}

/// The state that the future and the job share.
struct Work<R, F>(Mutex<State<R, F>>);

struct State<R, F> {
    /// `None` once a thread has begun it.
    f: Option<(F, OffloadSite, Option<Token>)>,
    result: Option<Result<R, Box<dyn Any + Send>>>,
    waker: Option<Waker>,
    is_awaited: bool,
}

impl<R, F> Work<R, F> {
    fn has_not_begun(&self) -> bool {
        lock(&self.0).f.is_some()
    }
}

impl<R, F: for<'lane> FnOnce(Lane<'lane>) -> R> Work<R, F> {
    /// Runs `f` on this thread, unless another thread has begun it.
    fn run(&self) {
        let Some((f, site, on_its_way)) = lock(&self.0).f.take() else { return };
        let result = catch_unwind(AssertUnwindSafe(|| {
            drop(on_its_way);
            site.run(f)
        }));
        // The offload ends before the task is woken. Else the next offload would seem to overlap with it.
        drop(site);
        let (waker, unawaited) = {
            let mut state = lock(&self.0);
            let unawaited = if state.is_awaited { state.result.replace(result) } else { Some(result) };
            (state.waker.take(), unawaited)
        };
        job::discard(unawaited);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// Cancels the work when the future is dropped.
struct Awaited<R, F> {
    work: Arc<Work<R, F>>,
    pool: Option<Arc<ThreadPool>>,
}

impl<R, F> Drop for Awaited<R, F> {
    fn drop(&mut self) {
        let left = {
            let mut state = lock(&self.work.0);
            state.is_awaited = false;
            (state.f.take(), state.result.take(), state.waker.take())
        };
        drop(left);
    }
}
