//! `Task`: every thread is said to run. So hardly any free time passes, and no limit ends a hold.

use std::collections::BTreeSet;

#[derive(Clone, Default)]
pub(crate) struct Task;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(dead_code, reason = "as the runtime's")]
pub(crate) enum Activity {
    Runs,
    Rests,
    Waits,
}

impl Task {
    pub(crate) fn this() -> Self {
        Task
    }

    #[allow(clippy::unused_self, clippy::unnecessary_wraps, reason = "as the runtime's")]
    pub(crate) fn activity(&self) -> Option<Activity> {
        Some(Activity::Runs)
    }

    #[allow(clippy::unused_self, reason = "as the runtime's")]
    pub(crate) fn number(&self) -> Option<u32> {
        None
    }
}

#[allow(clippy::unnecessary_wraps, reason = "as the runtime's")]
pub(crate) fn all_others() -> Option<Activity> {
    Some(Activity::Runs)
}

pub(crate) fn another_may_run(_known: &BTreeSet<u32>) -> bool {
    false
}

/// Starts no timekeeper, because no time passes.
pub(crate) fn spawn(_work: impl FnOnce() + Send + 'static) -> bool {
    true
}
