//! `Facts`: all that is known of a probe in a scope, for a reading to judge by.

use crate::book::report::Finding;
use crate::call::key::Kind;
use crate::call::origin::Origin;
use std::panic::Location;

/// What a reading knows beside the counts of its batches.
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
    /// Entries that nobody claimed, by [`Origin`].
    pub(crate) unattributed: [u64; Origin::COUNT],
    /// For how many the probe is held.
    pub(crate) held_for: Option<usize>,
    /// Probes that are held and were never entered: names that may be misspelt.
    pub(crate) held_but_not_entered: Vec<String>,
    pub(crate) findings: Vec<Finding>,
    /// The probes that were entered in the scope.
    pub(crate) entered: Vec<&'static str>,
    /// The scopes that probes of this name count for, if none of them counts for this one.
    pub(crate) of_other_scopes: Vec<&'static str>,
    /// Whether two passes of the scope were under way at once.
    pub(crate) passes_overlapped: bool,
    /// Where other scopes of this name were opened since this one was, and how many.
    pub(crate) other_scopes: Vec<(&'static Location<'static>, u64)>,
    /// The labels of all batches of the scope.
    pub(crate) labels: Vec<String>,
}

impl Facts {
    /// The scope, in words.
    pub(crate) fn opened(&self) -> String {
        format!("scope `{}` (opened at {})", self.scope, self.opened_at)
    }
}
