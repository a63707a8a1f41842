//! `Task`: a thread of which the system says that it runs, so that no chance passes and only what is certain ends a hold.

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
}

#[allow(clippy::unnecessary_wraps, reason = "as the runtime's")]
pub(crate) fn all_others() -> Option<Activity> {
    Some(Activity::Runs)
}
