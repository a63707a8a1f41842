//! The timekeeper: a thread that counts free time while futures are held.

use crate::base::lock::lock;
use crate::verdict::hold::broadcast::Caller;
use crate::verdict::hold::evidence::{Alone, Undecided};
use crate::verdict::hold::free_time::{FreeTime, Look, TICK};
use crate::verdict::hold::holder::Hold;
use crate::verdict::hold::ways::Ways;
use rayon::ThreadPool;
use std::collections::BTreeSet;
use std::sync::{PoisonError, Weak};
use std::time::Duration;

/// While an attached future is being polled, a wait goes on beyond its limit for so many looks: the future may be stuck when its poll has ended.
/// A poll that blocks for longer is not waited for.
const POSTPONED: u32 = 100;

/// Counts free time while futures wait, until the scope closes.
pub(super) fn keep_time(hold: &Weak<Hold>, pool: Option<&Weak<ThreadPool>>) {
    let mut free = FreeTime::new();
    let mut postponed = 0;
    let mut caller = Caller::new();
    while let Some(hold) = hold.upgrade() {
        let state = lock(&hold.state);
        if state.is_closed {
            return;
        }
        let Some(group) = state.tickets.first().map(|ticket| ticket.group) else {
            // The next ticket and the close of the scope notify it.
            drop(hold.changed.wait_timeout(state, Duration::from_millis(100)));
            free = FreeTime::new();
            continue;
        };
        let mut state = hold.changed.wait_timeout(state, TICK).unwrap_or_else(PoisonError::into_inner).0;
        if !free.is_due() || !state.tickets.iter().any(|ticket| ticket.group == group) {
            continue;
        }
        let pool = pool.and_then(Weak::upgrade);
        if state.may_be_left_to_stuck_futures(Ways::default()) {
            if let Some(pool) = pool.as_ref().filter(|_| state.world.had_jobs) {
                (state, _) = caller.call(&hold, state, pool);
            }
            drop(state);
            hold.let_stuck_futures_go(Ways::default());
            state = lock(&hold.state);
        }
        let others = state.other_workers();
        drop(state);
        let step = free.step(&Look { others: &others, all_answer: false, pool: pool.as_ref() });
        state = lock(&hold.state);
        let waiting: BTreeSet<u64> = state.tickets.iter().map(|ticket| ticket.group).collect();
        let over = state.have_waited(&waiting, step, hold.limit);
        if over.is_empty() {
            continue;
        }
        if state.is_being_polled() && postponed < POSTPONED {
            postponed += 1;
            continue;
        }
        postponed = 0;
        let doing = state.what_futures_wait_for();
        drop(state);
        for (group, free) in over {
            let undecided = Undecided { free, doing: doing.clone() };
            hold.let_futures_go(group, |state| {
                Some(if state.all_are_stuck(group) {
                    Alone::Stuck(undecided)
                } else {
                    Alone::Undecided(undecided)
                })
            });
        }
    }
}
