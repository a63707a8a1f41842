//! `Fault`: what is wrong with one batch, by what was asserted.

use crate::call::key::Kind;
use crate::verdict::batch_reading::BatchReading;
use crate::verdict::hold::evidence::Evidence;
use crate::verdict::hold::rhythm::Stretch;
use std::panic::Location;

/// What is asserted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// So many threads at once.
    Threads(usize),
    /// So many calls begun and not ended.
    InFlight(usize),
    /// Never more calls begun and not ended.
    AtMost(usize),
}

impl Asked {
    /// Whether it is what a hold waits for: threads, or of an async function without `polls` its futures in flight.
    pub(crate) fn is_what_is_held(self, kind: Option<Kind>) -> bool {
        match self {
            Asked::Threads(_) => kind != Some(Kind::Async),
            Asked::InFlight(_) => kind == Some(Kind::Async),
            Asked::AtMost(_) => false,
        }
    }
}

/// What is wrong with one batch.
pub(crate) enum Fault<'a> {
    /// It has enough calls, and never were enough of them inside at once.
    NeverMet(&'a BatchReading),
    /// So many passes of it had enough calls, and in each of them never were enough inside at once.
    UnmetPasses { batch: &'a BatchReading, passes: u64, calls: u64, is_proven: bool },
    /// Passes of one item each were made one after another, by the same call that made larger ones.
    PassPerItem { batch: &'a BatchReading, passes: u64 },
    /// Calls followed one another alone.
    SerialStretch { batch: &'a BatchReading, stretch: Stretch },
    /// Each of the batches of this place has too few calls, and together they have many.
    ManyLabels { at: &'static Location<'static>, batches: u64, calls: u64, is_proven: bool },
    /// More were inside at once than is allowed.
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

    /// How many calls it is about.
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

/// Whether each wait in the batch ended because nobody could come.
pub(crate) fn was_alone(batch: &BatchReading) -> bool {
    let is_alone =
        |evidence: &Evidence| evidence.was_alone && !evidence.was_let_go && evidence.undecided.is_none();
    batch.evidence.as_ref().is_some_and(is_alone)
}
