//! `Given`: a handle of a scope that the user has, and may use on any thread.

use crate::base::lock::lock;
use crate::base::sync::atomic::{AtomicBool, Ordering};
use crate::verdict::hold::holder::Hold;
use std::sync::Arc;

/// Tells the hold that a handle is alive, until this is dropped. A clone is another handle.
pub(crate) struct Given {
    hold: Arc<Hold>,
    was_used: AtomicBool,
    was_elsewhere: AtomicBool,
}

impl Given {
    pub(crate) fn new(hold: &Arc<Hold>) -> Self {
        hold.change(|state| {
            state.handles.alive += 1;
            state.handles.unused += 1;
        });
        Given {
            hold: Arc::clone(hold),
            was_used: AtomicBool::new(false),
            was_elsewhere: AtomicBool::new(false),
        }
    }

    /// The handle is used on this thread.
    pub(crate) fn used(&self) {
        let mut state = lock(&self.hold.state);
        // `Relaxed`, because it is used only under the lock.
        if !self.was_used.load(Ordering::Relaxed) {
            self.was_used.store(true, Ordering::Relaxed);
            state.handles.unused -= 1;
        }
        if !state.world.is_opener() && !self.was_elsewhere.load(Ordering::Relaxed) {
            self.was_elsewhere.store(true, Ordering::Relaxed);
            state.handles.elsewhere += 1;
        }
    }
}

impl Clone for Given {
    fn clone(&self) -> Self {
        Given::new(&self.hold)
    }
}

impl Drop for Given {
    fn drop(&mut self) {
        let (was_used, was_elsewhere) = (&self.was_used, &self.was_elsewhere);
        self.hold.change(|state| {
            state.handles.alive -= 1;
            state.handles.unused -= usize::from(!was_used.load(Ordering::Relaxed));
            state.handles.elsewhere -= usize::from(was_elsewhere.load(Ordering::Relaxed));
        });
    }
}
