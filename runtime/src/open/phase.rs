//! `Phase`: a timed span of a scope.

use crate::base::clock::Instant;
use crate::work::scope_timeline::RunningSpan;
use crate::work::state::ScopeState;
use std::borrow::Cow;
use std::sync::Arc;

/// A timed span, from [`ScopeHandle::phase`](crate::ScopeHandle::phase) until it is dropped. The times of all spans of one name are added up,
/// also if the spans overlap.
///
/// ```
/// use concurrency_probe::Scope;
///
/// let install = Scope::open("install");
/// {
///     let _phase = install.phase("create_virtual_store");
///     // ...
/// }
/// assert_eq!(install.report().phases[0].times, 1);
/// ```
#[must_use = "a phase ends when it is dropped: bind it to a name, `_` drops it immediately"]
pub struct Phase {
    scope: Arc<ScopeState>,
    name: Cow<'static, str>,
    since: Instant,
    /// Ends it in the timeline.
    running: Option<RunningSpan>,
}

impl Phase {
    pub(crate) fn begin(scope: &Arc<ScopeState>, name: Cow<'static, str>) -> Self {
        let running = scope.phase_begins(&name);
        Phase { scope: Arc::clone(scope), name, since: Instant::now(), running }
    }
}

impl Drop for Phase {
    fn drop(&mut self) {
        self.scope.books().phase(&self.name, self.since);
        drop(self.running.take());
    }
}

// As for `Scope`.
impl std::panic::UnwindSafe for Phase {}
impl std::panic::RefUnwindSafe for Phase {}

impl std::fmt::Debug for Phase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Phase")
            .field("name", &self.name)
            .field("elapsed", &self.since.elapsed())
            .finish_non_exhaustive()
    }
}
