//! `Handles`: the handles of a scope that are alive, and what is known of where they are.

/// The handles of a scope that are alive.
///
/// One that was never used may have been given to another thread or task, which is about to use it. One that was used on another
/// thread than that which opened the scope is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Handles {
    pub(super) alive: usize,
    pub(super) unused: usize,
    pub(super) elsewhere: usize,
}

impl Handles {
    /// Whether all of them are with the thread that opened the scope.
    pub(super) fn are_at_home(self) -> bool {
        self.unused == 0 && self.elsewhere == 0
    }
}
