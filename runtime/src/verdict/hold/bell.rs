//! `Bell`: the waker that an attached future gets in a scope with a hold.

use crate::base::lock::lock;
use crate::base::sync::Mutex;
use crate::base::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::task::{Wake, Waker};

/// A waker that wakes the task of the future. The number of its clones tells who else can wake the future.
pub(super) struct Bell {
    /// The number of wakes.
    rung: AtomicUsize,
    /// In an `Arc`, so that it can be used without the lock, because a waker is foreign code.
    task: Mutex<Option<Arc<Waker>>>,
}

impl Bell {
    /// A bell that wakes no task yet.
    pub(super) fn new() -> Self {
        Bell { rung: AtomicUsize::new(0), task: Mutex::new(None) }
    }

    /// How often it was rung. `Relaxed`, because only two counts of it are compared. The thread that compares them was woken by the bell, or has
    /// synchronized with the clones when it counted them (`world`).
    pub(super) fn rung(&self) -> usize {
        self.rung.load(Ordering::Relaxed)
    }

    /// From now on it wakes this task.
    pub(super) fn set(&self, task: &Waker) {
        if lock(&self.task).as_ref().is_some_and(|known| known.will_wake(task)) {
            return;
        }
        let task = Arc::new(task.clone());
        let before = lock(&self.task).replace(task);
        drop(before);
    }

    /// Takes the waker out. The caller drops it.
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
