//! `Fault`: how one batch breaks an assertion.

use crate::call::key::Kind;
use crate::verdict::batch_reading::BatchReading;
use crate::verdict::hold::evidence::Evidence;
use crate::verdict::hold::rhythm::Stretch;
use std::panic::Location;

/// What is asserted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// At least so many threads inside at once.
    Threads(usize),
    /// At least so many calls in flight at once.
    InFlight(usize),
    /// At most so many calls in flight at once.
    AtMost(usize),
}

impl Asked {
    /// Whether a hold waits for the same thing: for futures in flight of an async function without `polls`, and for threads of all others.
    pub(crate) fn is_what_is_held(self, kind: Option<Kind>) -> bool {
        match self {
            Asked::Threads(_) => kind != Some(Kind::Async),
            Asked::InFlight(_) => kind == Some(Kind::Async),
            Asked::AtMost(_) => false,
        }
    }
}

/// How one batch breaks an assertion.
pub(crate) enum Fault<'a> {
    /// It has enough calls, and too few of them were inside at once.
    NeverMet(&'a BatchReading),
    /// `passes` of its passes had enough calls, and in each of them too few were inside at once. `calls` is the number of the largest.
    UnmetPasses { batch: &'a BatchReading, passes: u64, calls: u64, is_proven: bool },
    /// Passes of one item each ran one after another. The same place also made larger passes.
    PassPerItem { batch: &'a BatchReading, passes: u64 },
    /// Many calls followed one another, and each was alone.
    SerialStretch { batch: &'a BatchReading, stretch: Stretch },
    /// Each batch of this place has too few calls, and all of them together have many.
    ManyLabels { at: &'static Location<'static>, batches: u64, calls: u64, is_proven: bool },
    /// More calls were in flight at once than the assertion allows.
    TooMany(&'a BatchReading),
}

impl Fault<'_> {
    pub(crate) fn is_proven(&self) -> bool {
        match self {
            Fault::NeverMet(batch) | Fault::PassPerItem { batch, .. } => was_alone(batch),
            Fault::UnmetPasses { is_proven, .. } | Fault::ManyLabels { is_proven, .. } => *is_proven,
            Fault::SerialStretch { stretch, .. } => stretch.is_proven,
            Fault::TooMany(_) => true,
        }
    }

    /// The number of calls at fault.
    pub(crate) fn calls(&self) -> u64 {
        match self {
            Fault::NeverMet(batch) | Fault::TooMany(batch) => batch.calls(),
            Fault::UnmetPasses { calls, .. } | Fault::ManyLabels { calls, .. } => *calls,
            Fault::SerialStretch { stretch, .. } => stretch.calls,
            Fault::PassPerItem { passes, .. } => *passes,
        }
    }

    pub(crate) fn batch(&self) -> Option<&BatchReading> {
        match self {
            Fault::NeverMet(batch)
            | Fault::TooMany(batch)
            | Fault::UnmetPasses { batch, .. }
            | Fault::PassPerItem { batch, .. }
            | Fault::SerialStretch { batch, .. } => Some(batch),
            Fault::ManyLabels { .. } => None,
        }
    }
}

/// Whether each wait in the batch ended because no further call could come.
pub(crate) fn was_alone(batch: &BatchReading) -> bool {
    let is_alone =
        |evidence: &Evidence| evidence.was_alone && !evidence.was_let_go && evidence.undecided.is_none();
    batch.evidence.as_ref().is_some_and(is_alone)
}
