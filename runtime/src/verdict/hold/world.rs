//! `World`: who may still call a probe outside of passes.

use crate::base::sync::atomic::{Ordering, fence};
use crate::base::sync::{ThreadId, this_thread};
use crate::verdict::hold::bell::Bell;
use crate::verdict::hold::ticket::Ticket;
use crate::verdict::hold::ways::Ways;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::task::Waker;

/// The ways into a scope that are under way.
pub(super) struct World {
    /// Whether calls come from anywhere.
    is_wide: bool,
    /// Where the scope was opened: whoever owns it may call at any time, unless its thread waits.
    opener: ThreadId,
    /// Whether any job was sent to the scope's pool: what it spawned there nobody counts.
    pub(super) had_jobs: bool,
    /// Ways that are on the stack of some thread.
    pub(super) under_way: usize,
    /// Those of them that are polls of attached futures.
    pub(super) polls: usize,
    /// Attached futures that are not done.
    pub(super) attached: usize,
    /// Those of them that were polled and are pending.
    pub(super) pending: BTreeMap<u64, Pending>,
}

/// An attached future that was polled and is pending: who can wake it is told by its bell.
pub(super) struct Pending {
    pub(super) bell: Arc<Bell>,
    /// The bell, as it was given to the future.
    pub(super) waker: Waker,
    /// How often the bell had been rung when the poll began.
    pub(super) rung: usize,
    /// Whether the future has the scope to itself.
    pub(super) is_exclusive: bool,
}

impl World {
    pub(super) fn new(is_wide: bool) -> Self {
        World {
            is_wide,
            opener: this_thread(),
            had_jobs: false,
            under_way: 0,
            polls: 0,
            attached: 0,
            pending: BTreeMap::new(),
        }
    }

    /// Whether these are all ways that are under way, and the owner of the scope is in one of them.
    pub(super) fn are_all(&self, ways: Ways) -> bool {
        ways.of_opener && self.are_all_counted(ways)
    }

    /// Whether these are all ways that are under way; the owner of the scope may take another one.
    pub(super) fn are_all_counted(&self, ways: Ways) -> bool {
        !self.is_wide && self.under_way == ways.calls + ways.polls
    }

    /// Whether nobody but the hold can wake any attached future, and these are all of its tickets.
    pub(super) fn is_stuck(&self, tickets: &[Ticket]) -> bool {
        if self.attached == 0 || self.attached != self.pending.len() {
            return false;
        }
        let mut theirs = 0;
        for pending in self.pending.values() {
            let mine = pending.tickets(tickets);
            theirs += mine;
            if !pending.is_stuck(mine) {
                return false;
            }
        }
        theirs == tickets.len()
    }

    pub(super) fn has_exclusive(&self) -> bool {
        self.pending.values().any(|pending| pending.is_exclusive)
    }

    pub(super) fn is_opener(&self) -> bool {
        self.opener == this_thread()
    }
}

impl Pending {
    /// How many hold the bell beside those who may ring it: the watch of the future, and this twice.
    pub(super) const BELLS: usize = 3;

    /// How many of these tickets are woken by its bell.
    pub(super) fn tickets(&self, tickets: &[Ticket]) -> usize {
        let woken =
            |ticket: &&Ticket| ticket.waker.as_ref().is_some_and(|waker| waker.will_wake(&self.waker));
        tickets.iter().filter(woken).count()
    }

    /// Whether the bell was not rung since the poll, and nobody but so many tickets has it.
    pub(super) fn is_stuck(&self, tickets: usize) -> bool {
        // Whoever had one may have rung before he dropped it: his ring is seen if
        // his drop is, as the fence acquires what the drop released.
        if tickets == 0 {
            return false;
        }
        let others = Arc::strong_count(&self.bell) - Self::BELLS;
        fence(Ordering::Acquire);
        others == tickets && self.bell.rung() == self.rung
    }
}
