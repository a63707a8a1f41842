//! `Bell`: the waker that an attached future is given in a scope with a hold.

use crate::base::lock::lock;
use crate::base::sync::Mutex;
use crate::base::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::task::{Wake, Waker};

/// It hands wakes on, and is counted by its clones.
pub(super) struct Bell {
    /// How often.
    rung: AtomicUsize,
    /// Shared, so that whoever rings uses it without the lock: it is foreign code.
    task: Mutex<Option<Arc<Waker>>>,
}

impl Bell {
    /// One that wakes no task yet.
    pub(super) fn new() -> Self {
        Bell { rung: AtomicUsize::new(0), task: Mutex::new(None) }
    }

    /// How often it was rung. Relaxed: what is compared are two counts, by whoever was woken or has taken part in the count of the
    /// clones (`world`).
    pub(super) fn rung(&self) -> usize {
        self.rung.load(Ordering::Relaxed)
    }

    /// Has it wake this task from now on.
    pub(super) fn set(&self, task: &Waker) {
        if lock(&self.task).as_ref().is_some_and(|known| known.will_wake(task)) {
            return;
        }
        let task = Arc::new(task.clone());
        let before = lock(&self.task).replace(task);
        drop(before);
    }

    /// Takes the waker out, to be dropped by the caller.
    pub(super) fn take(&self) -> Option<Arc<Waker>> {
        lock(&self.task).take()
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.rung.fetch_add(1, Ordering::Relaxed);
        let task = lock(&self.task).clone();
        if let Some(task) = task {
            task.wake_by_ref();
        }
    }
}
