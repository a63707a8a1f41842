//! `ScopeHandle`: reads and counts for a scope, from anywhere.

use crate::phase::Phase;
use crate::reading::Reading;
use crate::report::Report;
use crate::shared::Shared;
use std::borrow::Cow;
use std::sync::Arc;

/// A handle to a scope: takes readings, counts metrics and times phases, and starts no pass. It may outlive the
/// scope; calls that were in flight when the scope closed still end in its readings.
///
/// ```
/// use concurrency_probe::Scope;
///
/// let install = Scope::open("install");
/// let handle = install.handle();
/// std::thread::spawn(move || handle.count("downloaded", 7)).join().unwrap();
/// assert_eq!(install.report().counts["downloaded"], 7);
/// ```
#[derive(Clone)]
pub struct ScopeHandle {
    pub(crate) shared: Arc<Shared>,
}

impl ScopeHandle {
    /// What a probe of the scope reads now. See [`Scope::reading`](crate::Scope::reading).
    ///
    /// ```
    /// # use concurrency_probe::Scope;
    /// # let install = Scope::open("install");
    /// let handle = install.handle();
    /// assert_eq!(handle.reading("link_slot").calls(), 0);
    /// ```
    ///
    /// # Panics
    ///
    /// If two different probes of this name were entered in the scope.
    #[track_caller]
    pub fn reading(&self, probe: &str) -> Reading {
        self.shared.reading(probe)
    }

    /// Adds to a metric of this run. See [`Scope::count`](crate::Scope::count).
    ///
    /// ```
    /// # use concurrency_probe::Scope;
    /// # let install = Scope::open("install");
    /// install.handle().count("cold", 996);
    /// assert_eq!(install.report().counts["cold"], 996);
    /// ```
    pub fn count(&self, name: &str, n: u64) {
        self.shared.count(name, n);
    }

    /// Times a span. See [`Scope::phase`](crate::Scope::phase).
    ///
    /// ```
    /// # use concurrency_probe::Scope;
    /// # let install = Scope::open("install");
    /// drop(install.handle().phase("download"));
    /// assert_eq!(install.report().phases[0].name, "download");
    /// ```
    pub fn phase(&self, name: impl Into<Cow<'static, str>>) -> Phase {
        Phase::begin(&self.shared, name.into())
    }

    /// Everything the scope knows now. See [`Scope::report`](crate::Scope::report).
    ///
    /// ```
    /// # use concurrency_probe::Scope;
    /// # let install = Scope::open("install");
    /// assert_eq!(install.handle().report().scope, "install");
    /// ```
    pub fn report(&self) -> Report {
        self.shared.report()
    }
}

// As for `Scope`.
impl std::panic::UnwindSafe for ScopeHandle {}
impl std::panic::RefUnwindSafe for ScopeHandle {}

impl std::fmt::Debug for ScopeHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ScopeHandle").field("name", &self.shared.name().text()).finish_non_exhaustive()
    }
}
