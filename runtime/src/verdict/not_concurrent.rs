//! `NotConcurrent`: why an assertion on a reading fails.

use std::fmt;

/// Why an assertion on a reading fails, from [`Reading::check_concurrent`](crate::Reading::check_concurrent),
/// [`check_in_flight`](crate::Reading::check_in_flight) and [`check_at_most`](crate::Reading::check_at_most).
///
/// It prints the causes, the likeliest first, and what to do about them.
///
/// ```
/// use concurrency_probe::{Scope, concurrency_probe};
///
/// #[concurrency_probe(scope = "install")]
/// fn link() {}
///
/// let install = Scope::open("install");
/// install.run(|| (0..996).for_each(|_| link()));
/// let why = install.reading("link").check_concurrent(2).unwrap_err();
/// assert!(why.to_string().contains("996 calls, max_concurrent 1"));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct NotConcurrent {
    pub(crate) message: String,
    pub(crate) is_proven: bool,
}

impl NotConcurrent {
    /// Whether the verdict is certain: the counted calls could not overlap, whatever the machine was doing.
    ///
    /// If it is false, the program may be able to overlap. Then either nothing was [held](crate::ScopeBuilder::hold), or a
    /// [limit](crate::ScopeBuilder::hold_limit) ended a wait while another call could still come. The message says which.
    ///
    /// ```
    /// use concurrency_probe::{Scope, concurrency_probe};
    ///
    /// #[concurrency_probe(scope = "install")]
    /// fn link() {}
    ///
    /// let install = Scope::builder("install").hold("link", 2).open();
    /// install.run(|| (0..996).for_each(|_| link()));
    /// assert!(install.reading("link").check_concurrent(2).unwrap_err().is_proven());
    /// ```
    #[must_use]
    pub fn is_proven(&self) -> bool {
        self.is_proven
    }
}

impl fmt::Display for NotConcurrent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// The same text as `Display`, so that `unwrap` prints a readable message.
impl fmt::Debug for NotConcurrent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for NotConcurrent {}
