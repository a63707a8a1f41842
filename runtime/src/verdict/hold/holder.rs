//! `Hold`: the holds of one scope.

use crate::base::lock::lock;
use crate::base::sync::{Condvar, Mutex, MutexGuard};
use crate::verdict::hold::evidence::Evidence;
use crate::verdict::hold::rule::Rule;
use crate::verdict::hold::state::State;
use crate::verdict::hold::ticket::wake_all;
use crate::verdict::hold::ways::{self, Ways};
use std::sync::Arc;
use std::time::Duration;

/// The default limit of a wait, in free time.
pub(crate) const DEFAULT_LIMIT: Duration = Duration::from_secs(5);

/// The holds of one scope.
pub(crate) struct Hold {
    pub(super) limit: Duration,
    pub(super) state: Mutex<State>,
    pub(super) changed: Condvar,
}

pub(super) type Locked<'a> = MutexGuard<'a, State>;

impl Hold {
    /// A hold of these probes, each for a number of threads or futures. The scope is opened on this thread, and its pool has `workers` workers.
    pub(crate) fn new(
        rules: &[(String, usize)],
        limit: Duration,
        workers: usize,
        is_wide: bool,
    ) -> Arc<Self> {
        let rules = rules
            .iter()
            .map(|(probe, n)| Rule {
                probe: probe.clone(),
                n: *n,
                was_entered: false,
                evidence: Vec::new(),
                came: Vec::new(),
            })
            .collect();
        Arc::new(Hold {
            limit,
            state: Mutex::new(State::new(rules, workers, is_wide)),
            changed: Condvar::new(),
        })
    }

    /// Whether the scope was opened on this thread.
    pub(crate) fn is_opener(&self) -> bool {
        lock(&self.state).world.is_opener()
    }

    /// The ways into the scope that are on the stack of this thread.
    pub(super) fn ways_of_this_thread(self: &Arc<Self>) -> Ways {
        ways::of_this_thread(self.address())
    }

    /// Identifies this hold among the holds on the stack of a thread.
    pub(super) fn address(self: &Arc<Self>) -> usize {
        Arc::as_ptr(self).addr()
    }

    /// Whether a probe of this name is held.
    pub(crate) fn holds(&self, probe: &str) -> bool {
        lock(&self.state).rules.iter().any(|rule| rule.probe == probe)
    }

    /// The number that a probe is held for, and its evidence by the number of the batch. `None` if it is not held.
    pub(crate) fn evidence(&self, probe: &str) -> Option<(usize, Vec<(u32, Evidence)>)> {
        lock(&self.state).evidence(probe)
    }

    /// The probes that are held and were not entered yet.
    pub(crate) fn held_but_not_entered(&self) -> Vec<String> {
        let state = lock(&self.state);
        let rules = state.rules.iter().filter(|rule| !rule.was_entered);
        rules.map(|rule| rule.probe.clone()).collect()
    }

    /// Ends all waits, because the scope closes.
    pub(crate) fn close(&self) {
        let (wakers, pending) = {
            let mut state = lock(&self.state);
            state.is_closed = true;
            state.waiters.clear();
            state.roll_call.open = false;
            let wakers = state.take_wakers(|_| true);
            let pending = std::mem::take(&mut state.world.pending);
            self.changed.notify_all();
            (wakers, pending)
        };
        wake_all(wakers);
        drop(pending);
    }

    /// Changes the state and notifies the waiting threads.
    pub(super) fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = lock(&self.state);
        change(&mut state);
        self.changed.notify_all();
    }
}
