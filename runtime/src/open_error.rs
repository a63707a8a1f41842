//! `OpenError`: why a scope could not be opened.

use rayon::ThreadPoolBuildError;
use std::fmt;

/// Why a scope could not be opened: a thread of its own pool could not be started. From
/// [`ScopeBuilder::try_open`](crate::ScopeBuilder::try_open).
///
/// ```
/// use concurrency_probe::{OpenError, Scope};
///
/// fn open(threads: usize) -> Result<Scope, OpenError> {
///     Scope::builder("install").threads(threads).try_open()
/// }
/// # assert!(open(2).is_ok());
/// ```
#[derive(Debug)]
pub struct OpenError {
    pub(crate) scope: &'static str,
    pub(crate) threads: usize,
    pub(crate) source: ThreadPoolBuildError,
}

// As for `Scope`.
impl std::panic::UnwindSafe for OpenError {}
impl std::panic::RefUnwindSafe for OpenError {}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let OpenError { scope, threads, source } = self;
        write!(
            f,
            "a pool of {threads} threads for the scope `{scope}` could not be started ({source}); ask for fewer, or raise \
             the system's limit on threads"
        )
    }
}

impl std::error::Error for OpenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}
