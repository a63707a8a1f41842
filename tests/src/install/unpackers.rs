//! `Unpackers`: the threads that check, unpack and store packages.

use crate::store::StoreError;
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
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
pub(super) struct Unpackers {
    pool: ThreadPool,
    running: Arc<Running>,
}

/// What the threads are at.
#[derive(Debug, Default)]
struct Running {
    state: Mutex<State>,
    ended: Condvar,
}

#[derive(Debug, Default)]
struct State {
    count: usize,
    is_stopped: bool,
}

impl Running {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins, unless all is to stop.
    fn begin(&self) -> bool {
        let mut state = self.lock();
        state.count += usize::from(!state.is_stopped);
        !state.is_stopped
    }

    fn end(&self) {
        self.lock().count -= 1;
        self.ended.notify_all();
    }
}

impl Unpackers {
    pub(super) fn start(threads: usize) -> Result<Self, StoreError> {
        let pool = ThreadPoolBuilder::new()
            .num_threads(threads)
            .thread_name(|number| format!("unpack-{number}"))
            .build()
            .map_err(|error| StoreError::Threads { what: "that unpack packages", why: error.to_string() })?;
        Ok(Unpackers { pool, running: Arc::default() })
    }

    /// Has one of them do this. `None` if it was stopped before. A panic goes on where this is awaited.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        let (done, ended) = oneshot::channel();
        let running = Arc::clone(&self.running);
        self.pool.spawn(move || {
            // Nobody waits any more: what it is for was given up.
            if done.is_closed() || !running.begin() {
                return;
            }
            let result = catch_unwind(AssertUnwindSafe(work));
            running.end();
            let _ = done.send(result);
        });
        match ended.await {
            Ok(Ok(result)) => Some(result),
            Ok(Err(panic)) => resume_unwind(panic),
            Err(_) => None,
        }
    }

    /// Begins nothing more, and waits until what has begun has ended: what is half written would stay so, where the program
    /// ends before.
    pub(super) fn stop(&self) {
        let mut state = self.running.lock();
        state.is_stopped = true;
        while state.count > 0 {
            state = self.running.ended.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Arc, Unpackers};
    use std::sync::atomic::{AtomicBool, Ordering};

    #[tokio::test]
    async fn work_is_done_and_a_panic_is_told() {
        let unpackers = Arc::new(Unpackers::start(2).unwrap());
        assert_eq!(unpackers.run(|| 2 + 2).await, Some(4));
        let broken = Arc::clone(&unpackers);
        let ended = tokio::spawn(async move { broken.run(|| panic!("on purpose")).await }).await;
        assert!(ended.unwrap_err().is_panic());
        assert_eq!(unpackers.run(|| 3).await, Some(3), "the thread is still there");
    }

    #[tokio::test]
    async fn what_has_begun_ends_before_they_stop_and_nothing_begins_then() {
        let unpackers = Unpackers::start(2).unwrap();
        let (began, wait) = std::sync::mpsc::channel();
        let ended = Arc::<AtomicBool>::default();
        let flag = Arc::clone(&ended);
        let work = unpackers.run(move || {
            began.send(()).unwrap();
            (0..1000).for_each(|_| std::thread::yield_now());
            flag.store(true, Ordering::Relaxed);
        });
        // Begun, and given up by whoever waits for it.
        let mut work = Box::pin(work);
        assert!(futures::poll!(&mut work).is_pending());
        wait.recv().unwrap();
        drop(work);
        unpackers.stop();
        assert!(ended.load(Ordering::Relaxed));
        assert_eq!(unpackers.run(|| 1).await, None);
    }
}
