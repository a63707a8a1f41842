//! Work that is sent to a pool from async code.

use rayon::{ThreadPool, ThreadPoolBuilder};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// Sends a job to the scope's own pool, else to the pool of the calling worker, else to the global pool. Jobs catch the panics
/// of the code that they run. A value may also panic when it is dropped. Such a panic is caught here, because rayon would abort the
/// process.
pub(crate) fn spawn<R>(pool: Option<&Arc<ThreadPool>>, job: impl FnOnce() -> R + Send + 'static) {
    let job = guarded(job);
    match pool {
        Some(pool) => pool.spawn(job),
        None => rayon::spawn(job),
    }
}

/// Runs a job on a new thread, outside of all pools. It is for a worker that an executor blocks while it waits for a job that it has sent to
/// its own pool. That pool may have no other worker. This thread cannot run the job: it is inside a poll of its executor, and the job may use
/// an executor too. The new thread is a pool of one thread, so that rayon in the job does not wait for the blocked pool. Returns false if
/// no thread can be started.
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

/// Whether this thread is a rayon worker. An executor may block it while it waits for a job that it has sent, and the blocked worker may be the
/// one that should run the job. A worker of another pool counts too, because the first pool may wait for that one.
pub(crate) fn is_on_worker() -> bool {
    rayon::current_thread_index().is_some()
}

/// Drops a value that nobody waits for, and ignores a panic of its `drop`.
pub(crate) fn discard<T>(value: T) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(value))) {
        // Its drop might panic again.
        std::mem::forget(payload);
    }
}
