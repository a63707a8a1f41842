//! `OpenError`: why a scope could not be opened.

use rayon::ThreadPoolBuildError;
use std::fmt;
use std::panic::Location;

/// Why a scope could not be opened, from [`ScopeBuilder::try_open`](crate::ScopeBuilder::try_open). It prints what went wrong and what
/// to do next.
///
/// ```
/// use concurrency_probe::{OpenError, Scope};
///
/// fn open(threads: usize) -> Result<Scope, OpenError> {
///     Scope::builder("install").threads(threads).try_open()
/// }
/// # assert!(open(2).is_ok());
///
/// let too_many = Scope::builder("install").hold("link_slot", usize::MAX).try_open().unwrap_err();
/// assert!(too_many.to_string().contains("`link_slot`"));
/// ```
#[derive(Debug)]
pub struct OpenError {
    pub(crate) scope: &'static str,
    pub(crate) cause: Cause,
}

#[derive(Debug)]
pub(crate) enum Cause {
    /// A thread of the scope's own pool could not be started.
    Pool { threads: usize, source: ThreadPoolBuildError },
    /// A hold for 0 threads.
    HoldOfNone { probe: String },
    /// A hold for more threads than a pool can have.
    HoldOfTooMany { probe: String, threads: usize, most: usize },
    /// A hold limit of 0.
    NoLimit,
    /// Another process-wide scope of the name is open on this thread.
    Taken { opened_at: &'static Location<'static> },
}

// As for `Scope`.
impl std::panic::UnwindSafe for OpenError {}
impl std::panic::RefUnwindSafe for OpenError {}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scope = self.scope;
        match &self.cause {
            Cause::Pool { threads, source } => write!(
                f,
                "a pool of {threads} threads for the scope `{scope}` could not be started ({source}); ask for fewer, or raise \
                 the system's limit on threads"
            ),
            Cause::HoldOfNone { probe } => write!(
                f,
                "the scope `{scope}` holds `{probe}` for 0 threads, which asks for nothing: hold it for at least 2, or remove the \
                 hold"
            ),
            Cause::HoldOfTooMany { probe, threads, most } => write!(
                f,
                "the scope `{scope}` holds `{probe}` for {threads} threads; with its other holds it needs more threads than a pool \
                 can have ({most}): hold it for at most as many threads as the program has"
            ),
            Cause::NoLimit => write!(
                f,
                "the scope `{scope}` has a `hold_limit` of 0, so that each wait would end before another call can come: give it a \
                 longer limit, or remove the hold"
            ),
            Cause::Taken { opened_at } => write!(
                f,
                "the process-wide scope `{scope}` would wait for ever for the one that was opened at {opened_at}, on this same \
                 thread: only one scope of a name can be process-wide at a time; close the other one first, or use its \
                 `ScopeHandle`"
            ),
        }
    }
}

impl std::error::Error for OpenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.cause {
            Cause::Pool { source, .. } => Some(source),
            _ => None,
        }
    }
}
