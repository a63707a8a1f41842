//! `Turn`: the right to be the process-wide scope of a name. One scope has it at a time.

use crate::base::lock::lock;
use crate::base::sync::{Condvar, Mutex, ThreadId, global, this_thread};
use crate::base::warn::warn_uncaptured;
use crate::call::name::Name;
use std::panic::Location;
use std::sync::PoisonError;
use std::time::Duration;

/// Time between two warnings of a scope that waits for its turn.
const SAY_SO_AFTER: Duration = Duration::from_secs(10);

global!(turns: Turns = Turns { taken: Mutex::new(Vec::new()), over: Condvar::new() });

struct Turns {
    taken: Mutex<Vec<Holder>>,
    over: Condvar,
}

/// The scope that has the turn of a name.
struct Holder {
    name: &'static Name,
    opened_at: &'static Location<'static>,
    thread: ThreadId,
}

/// The right to be the process-wide scope of a name; dropping it passes the turn on.
pub(crate) struct Turn {
    name: &'static Name,
}

impl Turn {
    /// Waits until no other scope of this name is process-wide.
    ///
    /// # Errors
    ///
    /// The place where the other scope was opened, if that was on this same thread: the thread would wait for itself. The same is true for
    /// two tasks of a runtime with one thread.
    pub(crate) fn take(
        name: &'static Name,
        opened_at: &'static Location<'static>,
    ) -> Result<Self, &'static Location<'static>> {
        let mut taken = lock(&turns().taken);
        while let Some(holder) = taken.iter().find(|holder| holder.name.is(name)) {
            if holder.thread == this_thread() {
                return Err(holder.opened_at);
            }
            let held_at = holder.opened_at;
            let (again, waited) =
                turns().over.wait_timeout(taken, SAY_SO_AFTER).unwrap_or_else(PoisonError::into_inner);
            taken = again;
            if waited.timed_out() {
                // The thread that has standard error locked may wait for this lock, to give the turn back.
                drop(taken);
                warn_uncaptured(format_args!(
                    "the process-wide scope `{}` at {opened_at} waits for the one opened at {held_at} to close; only one scope \
                     of a name can be process-wide at a time",
                    name.text()
                ));
                taken = lock(&turns().taken);
            }
        }
        taken.push(Holder { name, opened_at, thread: this_thread() });
        Ok(Turn { name })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        lock(&turns().taken).retain(|holder| !holder.name.is(self.name));
        turns().over.notify_all();
    }
}
