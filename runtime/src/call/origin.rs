//! `Origin`: the kind of thread that made an unattributed call.

/// The kind of thread that made an unattributed call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A worker of a rayon pool.
    Rayon,
    /// A thread of a tokio runtime: a worker, or a blocking thread.
    Tokio,
    /// Any other thread.
    Thread,
}

impl Origin {
    pub(crate) const COUNT: usize = 3;

    pub(crate) fn of_this_thread() -> Self {
        if rayon::current_thread_index().is_some() {
            return Origin::Rayon;
        }
        #[cfg(feature = "tokio")]
        if tokio::runtime::Handle::try_current().is_ok() {
            return Origin::Tokio;
        }
        Origin::Thread
    }
}
