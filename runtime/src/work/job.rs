//! Work that is sent to a pool from async code.

use rayon::{ThreadPool, ThreadPoolBuilder};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// Sends a job to the scope's own pool, else to that of the calling worker, else to the global one. Jobs catch the panics
/// of what they run; one that comes of a value that panics when it is dropped is caught here, and dropped, where rayon
/// would abort the process.
pub(crate) fn spawn<R>(pool: Option<&Arc<ThreadPool>>, job: impl FnOnce() -> R + Send + 'static) {
    let job = guarded(job);
    match pool {
        Some(pool) => pool.spawn(job),
        None => rayon::spawn(job),
    }
}

/// Runs a job beside a pool, on a thread of its own: for a worker that an executor blocks while it waits for what it has sent to
/// its own pool, where perhaps no other worker is. Not on this thread, which is inside of its executor's poll: what is run may use
/// an executor too. The thread is a pool by itself, so that rayon inside of the job does not wait for the pool either. False if
/// no thread can be had.
pub(crate) fn spawn_beside<R>(job: impl FnOnce() -> R + Send + 'static) -> bool {
    let pool = ThreadPoolBuilder::new().num_threads(1).thread_name(|_| "concurrency-probe".into()).build();
    pool.map(|pool| pool.spawn(guarded(job))).is_ok()
}

fn guarded<R>(job: impl FnOnce() -> R + Send + 'static) -> impl FnOnce() + Send + 'static {
    move || {
        let ran = catch_unwind(AssertUnwindSafe(|| drop(job())));
        discard(ran.err());
    }
}

/// Whether this thread is a rayon worker. An executor may block it while it waits for what it has sent, and that may be what keeps
/// the pool from running it: also if the worker is of another pool, which the first one waits for.
pub(crate) fn is_on_worker() -> bool {
    rayon::current_thread_index().is_some()
}

/// Drops a value that nobody waits for. What its own drop panics with is nobody's.
pub(crate) fn discard<T>(value: T) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(value))) {
        // Its drop might panic again.
        std::mem::forget(payload);
    }
}
