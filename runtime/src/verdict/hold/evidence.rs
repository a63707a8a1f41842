//! `Evidence`: what a hold has found out about one probe in one batch.

use crate::verdict::hold::rhythm::Stretch;
use std::time::Duration;

/// What a hold has found out about one probe in one batch.
#[derive(Clone, Debug, Default)]
pub(crate) struct Evidence {
    /// How often enough calls were inside at once.
    pub(crate) meetings: u64,
    /// Passes with enough calls that never met.
    pub(crate) unmet_passes: Vec<UnmetPass>,
    /// The number of such passes beyond those in `unmet_passes`.
    pub(crate) further_unmet_passes: u64,
    /// The longest serial stretch outside of passes.
    pub(crate) stretch: Option<Stretch>,
    /// Whether a wait ended because no further call could come.
    pub(crate) was_alone: bool,
    /// Whether a wait ended that proves nothing. It made room for another wait, or was on top of an item that waits, or the stream of
    /// the pass had no more items ready, or a call came later by a way that was not known.
    pub(crate) was_let_go: bool,
    /// How many waits in a row ended by the limit. Each halves the next one, in every pass of the batch.
    pub(crate) limits: u32,
    /// The longest wait that ended by the limit.
    pub(crate) undecided: Option<Undecided>,
    /// The longest wait that is proven as long as no further future is attached.
    pub(crate) stuck: Option<Undecided>,
}

/// A pass with enough calls that never met.
#[derive(Clone, Copy, Debug)]
pub(crate) struct UnmetPass {
    pub(crate) calls: u64,
    /// The most calls that were inside at once when a wait ended.
    pub(crate) most: usize,
    pub(crate) is_proven: bool,
}

/// A wait that ended by the limit.
#[derive(Clone, Debug)]
pub(crate) struct Undecided {
    /// The free time of the wait.
    pub(crate) free: Duration,
    /// What the workers of the pool were doing.
    pub(crate) doing: String,
}

/// How a wait ended without a meeting.
pub(super) enum Alone {
    /// No further call could come.
    Proven,
    /// It ended without a proof: to make room for another wait, or on top of an item that waits.
    LetGo,
    /// The limit ended it. Only a future that is attached later could have brought a call. If none is attached, it is proven.
    Stuck(Undecided),
    /// The limit ended it.
    Undecided(Undecided),
}

impl Undecided {
    /// Keeps the longer wait of two, because it tells more.
    pub(super) fn keep_longest(kept: &mut Option<Self>, undecided: Self) {
        if kept.as_ref().is_none_or(|longest| longest.free < undecided.free) {
            *kept = Some(undecided);
        }
    }
}

impl Evidence {
    /// How many unmet passes are kept one by one.
    const PASSES: usize = 8;

    pub(super) fn add_unmet_pass(&mut self, pass: UnmetPass) {
        if self.unmet_passes.len() < Self::PASSES {
            self.unmet_passes.push(pass);
        } else {
            self.further_unmet_passes += 1;
        }
    }
}
