//! `TaskWatch`: finds out whether anything but the hold can wake an attached future.

use crate::base::lock::lock;
use crate::base::text::plural;
use crate::verdict::hold::bell::Bell;
use crate::verdict::hold::evidence::Alone;
use crate::verdict::hold::holder::Hold;
use crate::verdict::hold::state::State;
use crate::verdict::hold::tokens::{Token, Way};
use crate::verdict::hold::ways::{WayIn, Ways};
use crate::verdict::hold::world::{Pending, World};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

/// Watches an attached future: who has its waker, and so whether it can go on.
pub(crate) struct TaskWatch {
    hold: Arc<Hold>,
    id: u64,
    /// The attached future that was being polled when this one was made. If there was none: this future.
    root: u64,
    /// How often the bell had been rung when the last poll began, if that poll left the future pending.
    rung: Option<usize>,
    /// Whether the future borrows the scope, so that no other code can make a call in the meantime.
    is_exclusive: bool,
    bell: Arc<Bell>,
    _attached: Token,
}

impl TaskWatch {
    /// Begins to watch a future that is attached now.
    pub(crate) fn new(hold: &Arc<Hold>, is_exclusive: bool) -> Self {
        let (id, attached) = hold.attached();
        TaskWatch {
            hold: Arc::clone(hold),
            id,
            root: hold.ways_of_this_thread().root.unwrap_or(id),
            rung: None,
            is_exclusive,
            bell: Arc::new(Bell::new()),
            _attached: attached,
        }
    }

    /// A poll of this future, until the guard is dropped.
    pub(crate) fn way(&self) -> Way {
        // Polled again although the bell was not rung: a sibling in its task was woken, and may have brought what the future waits for.
        let is_by_chance = self.rung.is_some_and(|rung| rung == self.bell.rung());
        let root = Some(self.root).filter(|_| !is_by_chance);
        self.hold.way(WayIn::Poll { root }, self.hold.is_opener())
    }

    /// Polls the future with a waker that is watched.
    pub(crate) fn poll<T>(
        &mut self,
        cx: &mut Context<'_>,
        poll: impl FnOnce(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        self.bell.set(cx.waker());
        let rung = self.bell.rung();
        let waker = Waker::from(Arc::clone(&self.bell));
        let result = poll(&mut Context::from_waker(&waker));
        self.rung = result.is_pending().then_some(rung);
        if result.is_pending() {
            self.is_pending(rung, waker);
        }
        result
    }

    /// Finds out whether the future waits only for the hold, and whether another call can come. If another thread still has the bell and is about
    /// to ring it, the timekeeper finds that out later.
    fn is_pending(&self, rung: usize, waker: Waker) {
        let ways = self.hold.ways_of_this_thread();
        let pending = Pending { bell: Arc::clone(&self.bell), waker, rung, is_exclusive: self.is_exclusive };
        let mut state = lock(&self.hold.state);
        // The replaced value is not the last owner of the bell, so that no waker is dropped under the lock.
        drop(state.world.pending.insert(self.id, pending));
        // If no other code can ring the bell, the waker is taken out. Else the task would keep itself alive by its own waker.
        let unused = (Arc::strong_count(&self.bell) == Pending::BELLS).then(|| self.bell.take()).flatten();
        let nobody_can_come = self.is_exclusive && state.is_left_to_stuck_futures(Ways { calls: 0, ..ways });
        drop(state);
        drop(unused);
        if nobody_can_come {
            self.hold.let_stuck_futures_go(Ways { calls: 0, ..ways });
        }
    }
}

impl Hold {
    /// Ends the wait of the futures of one group if no other call can come. `ways` are under way and known.
    pub(super) fn let_stuck_futures_go(&self, ways: Ways) {
        let group = lock(&self.state).tickets.first().map(|ticket| ticket.group);
        if let Some(group) = group {
            self.let_futures_go(group, |state| state.is_left_to_stuck_futures(ways).then_some(Alone::Proven));
        }
    }
}

impl State {
    /// Whether a group outside of passes could only get calls from futures that are stuck, or that are attached later.
    pub(super) fn all_are_stuck(&self, group: u64) -> bool {
        self.group(group).is_some_and(|group| group.visit.pass == 0)
            && self.world.are_all_counted(Ways::default())
            && self.world.is_stuck(&self.tickets)
    }

    /// What the attached futures wait for, for a message.
    pub(super) fn what_futures_wait_for(&self) -> String {
        let World { attached, pending, .. } = &self.world;
        let stuck =
            pending.values().filter(|pending| pending.is_stuck(pending.tickets(&self.tickets))).count();
        format!(
            "{} held; of {}, {} wait only for the hold, and something else can wake the rest",
            plural(self.tickets.len() as u64, "future", "futures"),
            plural(*attached as u64, "attached one", "attached ones"),
            stuck,
        )
    }

    /// Whether an attached future is being polled, by a thread that does not wait in the hold.
    pub(super) fn is_being_polled(&self) -> bool {
        self.world.polls > self.waiters.iter().map(|waiter| waiter.ways.polls).sum()
    }

    /// Whether a future has the scope exclusively, everything that is under way in the scope are stuck futures, and its pool is idle. `ways` is
    /// the poll of one of them, or nothing.
    fn is_left_to_stuck_futures(&self, ways: Ways) -> bool {
        self.may_be_left_to_stuck_futures(ways)
            && (!self.world.had_jobs || self.roll_call.open && self.no_worker_can_come())
    }

    /// The same, without asking whether the pool is idle.
    pub(super) fn may_be_left_to_stuck_futures(&self, ways: Ways) -> bool {
        self.world.has_exclusive()
            && self.world.are_all_counted(ways)
            && self.handles.alive == 0
            && self.jobs_on_their_way == 0
            && self.offloads == 0
            && self.passes.is_empty()
            && self.waiters.is_empty()
            && self.world.is_stuck(&self.tickets)
    }
}

impl Drop for TaskWatch {
    fn drop(&mut self) {
        let pending = lock(&self.hold.state).world.pending.remove(&self.id);
        drop(pending);
    }
}
