//! `Evidence`: what a hold has found out about one probe in one batch.

use crate::verdict::hold::rhythm::Stretch;
use std::time::Duration;

/// What a hold has found out about one probe in one batch.
#[derive(Clone, Debug, Default)]
pub(crate) struct Evidence {
    /// How often enough were inside at once.
    pub(crate) meetings: u64,
    /// Passes with enough calls, in which they never met.
    pub(crate) unmet_passes: Vec<UnmetPass>,
    /// How many more of them there were.
    pub(crate) further_unmet_passes: u64,
    /// The longest serial stretch outside of passes.
    pub(crate) stretch: Option<Stretch>,
    /// Whether a wait ended because nobody could come.
    pub(crate) was_alone: bool,
    /// Whether a wait ended of which nothing was learnt: it made room for another one, was on top of an item that waits, the stream of
    /// the pass had no more ready, or a call came later by a way that nobody had known of.
    pub(crate) was_let_go: bool,
    /// How many waits in a row ended by the limit: each halves the next one, in whatever pass of the batch.
    pub(crate) limits: u32,
    /// The longest wait that ended by the limit.
    pub(crate) undecided: Option<Undecided>,
    /// The longest of those that are proven as long as no further future is attached.
    pub(crate) stuck: Option<Undecided>,
}

/// A pass with enough calls, in which they never met.
#[derive(Clone, Copy, Debug)]
pub(crate) struct UnmetPass {
    pub(crate) calls: u64,
    /// The most that were inside at once when a wait ended.
    pub(crate) most: usize,
    pub(crate) is_proven: bool,
}

/// A wait that ended by the limit.
#[derive(Clone, Debug)]
pub(crate) struct Undecided {
    /// How long a worker was free meanwhile.
    pub(crate) free: Duration,
    /// What the workers of the pool were doing.
    pub(crate) doing: String,
}

/// How a wait ended without a meeting.
pub(super) enum Alone {
    /// Nobody could come.
    Proven,
    /// It ended without a proof: to make room for another one, or on top of an item that waits.
    LetGo,
    /// The limit ended it. Nobody could come but by a future that is attached later: if none is, it is proven.
    Stuck(Undecided),
    /// The limit ended it.
    Undecided(Undecided),
}

impl Undecided {
    /// The longest wait says most.
    pub(super) fn keep_longest(kept: &mut Option<Self>, undecided: Self) {
        if kept.as_ref().is_none_or(|longest| longest.free < undecided.free) {
            *kept = Some(undecided);
        }
    }
}

impl Evidence {
    /// Unmet passes that are kept one by one.
    const PASSES: usize = 8;

    pub(super) fn add_unmet_pass(&mut self, pass: UnmetPass) {
        if self.unmet_passes.len() < Self::PASSES {
            self.unmet_passes.push(pass);
        } else {
            self.further_unmet_passes += 1;
        }
    }
}
