//! `Unpackers`: the threads that check, unpack and store packages.

use crate::store::StoreError;
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use tokio::sync::oneshot;

/// What unpacking may take, of all packages together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unpacking {
    /// The bytes that packages have when they are unpacked. One that is larger is unpacked alone. Default: 512 MiB, whatever
    /// the number of processors.
    pub memory: u64,
    /// The threads that unpack. Default: one for each processor, and two at least, because they wait for the disk too.
    pub threads: usize,
}

impl Default for Unpacking {
    fn default() -> Self {
        let threads = std::thread::available_parallelism().map_or(2, |cores| cores.get().max(2));
        Unpacking { memory: 512 << 20, threads }
    }
}

/// The threads that check, unpack and store packages. They are started all at once, where it can still be said that there are
/// none: tokio's own for what blocks are started when they are needed, and then it panics where the system has none to give.
#[derive(Debug)]
pub(super) struct Unpackers(ThreadPool);

impl Unpackers {
    pub(super) fn start(threads: usize) -> Result<Self, StoreError> {
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
        let unpackers = std::sync::Arc::new(Unpackers::start(2).unwrap());
        assert_eq!(unpackers.run(|| 2 + 2).await, Some(4));
        let broken = std::sync::Arc::clone(&unpackers);
        let ended = tokio::spawn(async move { broken.run(|| panic!("on purpose")).await }).await;
        assert!(ended.unwrap_err().is_panic());
        assert_eq!(unpackers.run(|| 3).await, Some(3), "the thread is still there");
    }
}
