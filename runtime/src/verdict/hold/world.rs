//! `World`: what may still call a probe outside of passes.

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
    /// Whether the scope is process-wide, so that calls can come from any thread.
    is_wide: bool,
    /// The thread that opened the scope. It may make a call at any time, unless it waits.
    opener: ThreadId,
    /// Whether any job was sent to the scope's pool. A job may have spawned other jobs, which are not counted.
    pub(super) had_jobs: bool,
    /// The number of ways that are on the stack of some thread.
    pub(super) under_way: usize,
    /// How many of them are polls of attached futures.
    pub(super) polls: usize,
    /// The number of attached futures that are not done.
    pub(super) attached: usize,
    /// The attached futures that were polled and are pending.
    pub(super) pending: BTreeMap<u64, Pending>,
}

/// An attached future that was polled and is pending. Its bell tells who can wake it.
pub(super) struct Pending {
    pub(super) bell: Arc<Bell>,
    /// The bell, as it was given to the future.
    pub(super) waker: Waker,
    /// How often the bell had been rung when the poll began.
    pub(super) rung: usize,
    /// Whether the future borrows the scope exclusively.
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

    /// Whether `ways` are all ways that are under way, and the thread that opened the scope is in one of them.
    pub(super) fn are_all(&self, ways: Ways) -> bool {
        ways.of_opener && self.are_all_counted(ways)
    }

    /// Whether `ways` are all ways that are under way. The owner of the scope may still take another one.
    pub(super) fn are_all_counted(&self, ways: Ways) -> bool {
        !self.is_wide && self.under_way == ways.calls + ways.polls
    }

    /// Whether only the hold can wake the attached futures, and `tickets` are all theirs.
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
    /// How many references to the bell exist if no other code can ring it: one in the watch of the future, and two in this.
    pub(super) const BELLS: usize = 3;

    /// How many of these tickets are woken by its bell.
    pub(super) fn tickets(&self, tickets: &[Ticket]) -> usize {
        let woken =
            |ticket: &&Ticket| ticket.waker.as_ref().is_some_and(|waker| waker.will_wake(&self.waker));
        tickets.iter().filter(woken).count()
    }

    /// Whether the bell was not rung since the poll, and only `tickets` tickets have it.
    pub(super) fn is_stuck(&self, tickets: usize) -> bool {
        // A thread may have rung the bell before it dropped its clone. If this thread sees the drop in the count, it sees the
        // ring too, because the fence acquires what the drop released.
        if tickets == 0 {
            return false;
        }
        let others = Arc::strong_count(&self.bell) - Self::BELLS;
        fence(Ordering::Acquire);
        others == tickets && self.bell.rung() == self.rung
    }
}
