//! `Stop`: the user's wish that an install ends.

use super::InstallError;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// The user's wish that an install ends. Clones are the same wish.
///
/// It must not be waited for in the task that installs: `select! { signal() => .., install(..) => .. }` sees the signal when the task is polled,
/// and a pass blocks the task until its last item is done. So another task waits for the signal and calls [`stop`](Stop::stop), async code
/// waits for [`stopped`](Stop::stopped), and each item of a pass asks with [`check`](Stop::check) before it begins.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<State>);

#[derive(Debug, Default)]
struct State {
    is_stopped: Mutex<bool>,
    /// For threads.
    changed: Condvar,
    /// For tasks.
    notify: Notify,
}

impl Stop {
    fn lock(&self) -> MutexGuard<'_, bool> {
        self.0.is_stopped.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stops whatever asks.
    pub fn stop(&self) {
        *self.lock() = true;
        self.0.changed.notify_all();
        self.0.notify.notify_waiters();
    }

    /// Whether it was stopped.
    pub fn is_stopped(&self) -> bool {
        *self.lock()
    }

    /// Fails once it was stopped.
    ///
    /// # Errors
    ///
    /// [`InstallError::Stopped`].
    pub fn check(&self) -> Result<(), InstallError> {
        if self.is_stopped() { Err(InstallError::Stopped) } else { Ok(()) }
    }

    /// Waits until it is stopped.
    pub async fn stopped(&self) {
        // It hears of what is told from here on, so that nothing is missed between the question and the wait.
        let told = self.0.notify.notified();
        if !self.is_stopped() {
            told.await;
        }
    }

    /// Blocks the thread for so long, or until it is stopped.
    pub(super) fn sleep(&self, time: Duration) {
        let _ = self.0.changed.wait_timeout_while(self.lock(), time, |is_stopped| !*is_stopped);
    }
}

#[cfg(test)]
mod tests {
    use super::Stop;
    use futures::FutureExt;
    use std::time::Duration;

    #[test]
    fn threads_and_tasks_hear_of_it() {
        let stop = Stop::default();
        assert!(stop.check().is_ok() && stop.stopped().now_or_never().is_none());
        let mut waiting = Box::pin(stop.stopped());
        assert!(waiting.as_mut().now_or_never().is_none());
        let other = stop.clone();
        let sleeper = std::thread::spawn(move || other.sleep(Duration::MAX));
        stop.stop();
        sleeper.join().unwrap();
        assert!(waiting.now_or_never().is_some() && stop.stopped().now_or_never().is_some());
        assert!(stop.check().is_err());
    }
}
