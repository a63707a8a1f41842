//! `Origin`: what kind of thread made a call that no scope claims.

/// What kind of thread made a call that no scope claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A worker of a rayon pool.
    Rayon,
    /// A thread of tokio's: a worker, or a blocking one.
    Tokio,
    /// Any other.
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
