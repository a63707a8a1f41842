//! `Facts`: what a scope knows about a probe beside its counts.

use crate::book::report::Finding;
use crate::call::key::Kind;
use crate::call::origin::Origin;
use std::panic::Location;

/// What a reading has beside the counts of its batches, to judge and to explain.
#[derive(Clone)]
pub(crate) struct Facts {
    pub(crate) scope: &'static str,
    pub(crate) opened_at: &'static Location<'static>,
    pub(crate) is_strict: bool,
    pub(crate) probe: String,
    /// `None` if no probe of this name was ever entered.
    pub(crate) kind: Option<Kind>,
    /// Where the probe is.
    pub(crate) place: Option<(&'static str, u32)>,
    /// Unattributed entries, by [`Origin`].
    pub(crate) unattributed: [u64; Origin::COUNT],
    /// The number of threads or futures that the probe is held for.
    pub(crate) held_for: Option<usize>,
    /// Probes that are held and were never entered. Their names may be misspelt.
    pub(crate) held_but_not_entered: Vec<String>,
    pub(crate) findings: Vec<Finding>,
    /// The probes that were entered in the scope.
    pub(crate) entered: Vec<&'static str>,
    /// If no probe of this name counts for this scope: the scopes that probes of this name count for.
    pub(crate) of_other_scopes: Vec<&'static str>,
    /// Whether two passes of the scope were under way at once.
    pub(crate) passes_overlapped: bool,
    /// The places where other scopes of this name were opened since this one was, and how many at each.
    pub(crate) other_scopes: Vec<(&'static Location<'static>, u64)>,
    /// The labels of all batches of the scope.
    pub(crate) labels: Vec<String>,
}

impl Facts {
    /// The scope, as messages name it.
    pub(crate) fn opened(&self) -> String {
        format!("scope `{}` (opened at {})", self.scope, self.opened_at)
    }
}
