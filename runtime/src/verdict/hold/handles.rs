//! `Handles`: how many handles of a scope are alive, and where they were used.

/// The handles of a scope that are alive.
///
/// A handle that was never used (`unused`) may have been given to another thread or task that is about to use it. A handle that was used on
/// another thread than the one that opened the scope (`elsewhere`) is still there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Handles {
    pub(super) alive: usize,
    pub(super) unused: usize,
    pub(super) elsewhere: usize,
}

impl Handles {
    /// Whether all of them were used, and only on the thread that opened the scope.
    pub(super) fn are_at_home(self) -> bool {
        self.unused == 0 && self.elsewhere == 0
    }
}
