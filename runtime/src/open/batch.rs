//! `Batch`: a label under which calls are counted and judged together.

use crate::book::batch::{BatchKind, BatchPlace};
use crate::open::handle::ScopeHandle;
use std::borrow::Cow;
use std::ops::Deref;
use std::panic::Location;

/// A scope with a label: calls under its [`run`](ScopeHandle::run), [`in_scope`](ScopeHandle::in_scope) and
/// [`attach`](ScopeHandle::attach) are a batch of that label, counted and judged by itself. From
/// [`ScopeHandle::batch`]. It does all that a handle does, and clones are the same batch.
///
/// Passes and [`offload`](crate::offload())s inside of it are batches of their own.
///
/// ```
/// use concurrency_probe::{Batch, Scope, concurrency_probe};
///
/// #[concurrency_probe(scope = "install")]
/// fn link(_slot: u32) {}
///
/// let install = Scope::open("install");
/// let cold: Batch = install.batch("cold");
/// std::thread::spawn(move || cold.run(|| link(1))).join().unwrap();
/// assert_eq!(install.reading("link").in_batch("cold").calls(), 1);
/// ```
#[derive(Clone)]
pub struct Batch(pub(crate) ScopeHandle);

impl Deref for Batch {
    type Target = ScopeHandle;

    fn deref(&self) -> &ScopeHandle {
        &self.0
    }
}

impl std::fmt::Debug for Batch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Batch")
            .field("scope", &self.0.state.name().text())
            .field("label", &self.0.batch.as_ref().map(|batch| &*batch.place.label))
            .finish_non_exhaustive()
    }
}

impl ScopeHandle {
    /// A label for calls that are to be counted and judged together, whatever threads and tasks make them. Batches of one label
    /// that are made at one place in the source are one. At most 32 labels of one place are told apart.
    ///
    /// ```
    /// # use concurrency_probe::{Scope, concurrency_probe};
    /// # #[concurrency_probe(scope = "install")]
    /// # fn link(_: u32) {}
    /// let install = Scope::open("install");
    /// let [warm, cold] = ["warm", "cold"].map(|label| install.batch(label));
    /// warm.run(|| link(1));
    /// cold.run(|| link(2));
    /// assert_eq!(install.reading("link").batches().len(), 2);
    /// ```
    #[track_caller]
    #[must_use]
    pub fn batch(&self, label: impl Into<Cow<'static, str>>) -> Batch {
        let place = BatchPlace { kind: BatchKind::Labelled, label: label.into(), at: Location::caller() };
        Batch(ScopeHandle::labelled(&self.state, self.state.batch(place)))
    }
}
