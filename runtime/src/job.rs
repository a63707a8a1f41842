//! Work that is sent to a pool from async code.

use rayon::ThreadPool;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// Sends a job to the scope's own pool, else to that of the calling worker, else to the global one. Jobs catch the panics
/// of what they run; one that comes of a value that panics when it is dropped is caught here, and dropped, where rayon
/// would abort the process.
pub(crate) fn spawn<R>(pool: Option<&Arc<ThreadPool>>, job: impl FnOnce() -> R + Send + 'static) {
    let job = move || {
        let ran = catch_unwind(AssertUnwindSafe(|| drop(job())));
        discard(ran.err());
    };
    match pool {
        Some(pool) => pool.spawn(job),
        None => rayon::spawn(job),
    }
}

/// Whether this thread is a worker of the pool that [`spawn`] would send a job to.
pub(crate) fn runs_on(pool: Option<&Arc<ThreadPool>>) -> bool {
    match pool {
        Some(pool) => pool.current_thread_index().is_some(),
        None => rayon::current_thread_index().is_some(),
    }
}

/// Drops a value that nobody waits for. What its own drop panics with is nobody's.
pub(crate) fn discard<T>(value: T) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(value))) {
        // Its drop might panic again.
        std::mem::forget(payload);
    }
}
