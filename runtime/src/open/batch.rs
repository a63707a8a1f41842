//! `Batch`: a label under which calls are counted and judged together.

use crate::book::batch::{BatchKind, BatchPlace};
use crate::open::handle::ScopeHandle;
use std::borrow::Cow;
use std::ops::Deref;
use std::panic::Location;

/// A scope with a label, from [`ScopeHandle::batch`].
///
/// Calls under its [`run`](ScopeHandle::run), [`in_scope`](ScopeHandle::in_scope) and
/// [`attach`](ScopeHandle::attach) are one batch: they are counted and judged together, and apart from all other calls. It has all
/// methods of a handle. A clone is the same batch.
///
/// Passes and [`offload`](crate::offload())s inside it are batches of their own.
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
    /// A batch of this label: calls that are counted and judged together, on whatever threads and in whatever tasks they are made.
    ///
    /// Batches of the same label that are made at the same place in the source are one batch. One place can have 32 labels. All further
    /// labels of it are counted as one batch, `(other labels)`.
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
