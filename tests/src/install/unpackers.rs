//! `Unpackers`: the threads that check, unpack and store packages.

use crate::store::StoreError;
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use tokio::sync::oneshot;

/// The threads that check, unpack and store packages. They are started all at once, where it can still be said that there are
/// none: tokio's own for what blocks are started when they are needed, and then it panics where the system has none to give.
#[derive(Debug)]
pub(super) struct Unpackers(ThreadPool);

impl Unpackers {
    /// Starts one for each processor, and two at least, because they wait for the disk too.
    pub(super) fn start() -> Result<Self, StoreError> {
        let threads = std::thread::available_parallelism().map_or(2, |cores| cores.get().max(2));
        let pool = ThreadPoolBuilder::new()
            .num_threads(threads)
            .thread_name(|number| format!("unpack-{number}"))
            .build()
            .map_err(|error| StoreError::Threads { what: "that unpack packages", why: error.to_string() })?;
        Ok(Unpackers(pool))
    }

    /// Has one of them do this. `None` if it was stopped before. A panic goes on where this is awaited.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        let (done, ended) = oneshot::channel();
        self.0.spawn(move || {
            // Nobody waits any more: what it is for was given up.
            if !done.is_closed() {
                let _ = done.send(catch_unwind(AssertUnwindSafe(work)));
            }
        });
        match ended.await {
            Ok(Ok(result)) => Some(result),
            Ok(Err(panic)) => resume_unwind(panic),
            Err(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Unpackers;

    #[tokio::test]
    async fn work_is_done_and_a_panic_is_told() {
        let unpackers = std::sync::Arc::new(Unpackers::start().unwrap());
        assert_eq!(unpackers.run(|| 2 + 2).await, Some(4));
        let broken = std::sync::Arc::clone(&unpackers);
        let ended = tokio::spawn(async move { broken.run(|| panic!("on purpose")).await }).await;
        assert!(ended.unwrap_err().is_panic());
        assert_eq!(unpackers.run(|| 3).await, Some(3), "the thread is still there");
    }
}
