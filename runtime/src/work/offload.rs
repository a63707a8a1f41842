//! `offload`: one piece of owned work, on rayon, from async code.

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

/// Runs `f` on a rayon worker and awaits it without blocking the task. The scopes that are current at the first poll
/// are current in `f`; it runs on the innermost one's own pool if it has one, else where [`rayon::spawn`] runs it.
///
/// Nothing happens before the first poll. If the future is dropped before a worker has begun, `f` is dropped and
/// never runs; after that it runs to its end, and its result is dropped.
///
/// The innermost scope books the offloads of each place in the source like a pass: items, peak, wall and busy time. Four or more of
/// one place that follow one another are a [finding](crate::FindingKind::SerialOffloads): an offload that is awaited in a loop
/// overlaps with nothing. Await them together.
///
/// On a rayon worker, which an executor may block while it waits for the future (`block_on`), `f` is run by a thread beside the pool
/// if no other worker has begun, so that a pool of one thread does not wait for itself. For work that waits itself, for
/// a socket or a child process, there is `offload_blocking` (feature `tokio`).
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
/// If `f` panics, the future panics with its payload. In a [strict](crate::ScopeBuilder::strict) scope, at the fourth offload of a
/// place of which each was sent after the one before it had ended.
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
            // Neither cloned nor dropped under the lock: both run foreign code.
            let waker = cx.waker().clone();
            let before = {
                let mut state = lock(&awaited.work.0);
                if let Some(result) = state.result.take() {
                    return Poll::Ready(result);
                }
                state.waker.replace(waker)
            };
            drop(before);
            // In the first poll the siblings of this future are still to be polled, and their work to be sent.
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

/// What the future and the job share.
struct Work<R, F>(Mutex<State<R, F>>);

struct State<R, F> {
    /// Until somebody runs it.
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
    /// Runs `f` on this thread, unless somebody has.
    fn run(&self) {
        let Some((f, site, on_its_way)) = lock(&self.0).f.take() else { return };
        let result = catch_unwind(AssertUnwindSafe(|| {
            drop(on_its_way);
            site.run(f)
        }));
        // It has ended before whoever awaits it is told, so that the next one is not taken for one beside it.
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

/// Gives the work up when the future is dropped.
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
