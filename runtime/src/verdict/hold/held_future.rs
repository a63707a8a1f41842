//! A held future: one that is kept pending until enough are in flight.
//!
//! No thread waits for it. Whether an attached future is *stuck*, because all that has its waker is the hold, is found out at
//! the end of its poll (`task_watch`). If all are, none can go on before one is let go. Then only a future that is attached later
//! can come. Where one borrows the scope exclusively there is none, and the wait is over at once. Elsewhere a timekeeper counts
//! free time up to the limit; what it ends is proven if no future came later by another way, and no longer if one does. Where a
//! semaphore, a stream or another task has a waker too, what the limit ends is undecided.

use crate::base::lock::lock;
use crate::base::task;
use crate::call::gauge::Gauge;
use crate::call::host::{Held, Visit};
use crate::verdict::hold::evidence::{Alone, Undecided};
use crate::verdict::hold::holder::Hold;
use crate::verdict::hold::state::State;
use crate::verdict::hold::ticket::{Ticket, wake_all};
use crate::verdict::hold::timekeeper::keep_time;
use rayon::ThreadPool;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

/// What a held future polls.
struct HeldFuture {
    hold: Arc<Hold>,
    id: u64,
}

impl Hold {
    /// Counts a future's entry; returns what it has to wait for, if it has to.
    pub(crate) fn wait_of_future(
        self: &Arc<Self>,
        probe: &str,
        gauge: &'static Gauge,
        visit: Visit,
        pool: Option<&Arc<ThreadPool>>,
    ) -> Option<Box<dyn Held>> {
        let mut state = lock(&self.state);
        let (place, entry) = state.enter(probe, gauge, visit)?;
        let group = state.groups[place].id;
        state.came_by(place, self.ways_of_this_thread().root);
        // The futures were counted before they took the lock, so the last of them sees all.
        if gauge.in_flight() >= state.n_of(place) {
            let mut met = vec![group];
            met.extend(
                state
                    .tickets
                    .iter()
                    .filter(|ticket| std::ptr::eq(ticket.gauge, gauge))
                    .map(|ticket| ticket.group),
            );
            state.note_meeting(|group| met.contains(&group.id));
            let wakers = state.take_wakers(|ticket| std::ptr::eq(ticket.gauge, gauge));
            drop(state);
            wake_all(wakers);
            return None;
        }
        if !state.groups[place].rhythm.is_armed(entry) {
            return None;
        }
        state.groups[place].waited = None;
        let id = state.next_number();
        state.tickets.push(Ticket { id, group, entry, gauge, waker: None });
        let starts_timekeeper = !std::mem::replace(&mut state.has_timekeeper, true);
        self.changed.notify_all();
        drop(state);
        if starts_timekeeper {
            let (hold, pool) = (Arc::downgrade(self), pool.map(Arc::downgrade));
            if !task::spawn(move || keep_time(&hold, pool.as_ref())) {
                // Nobody would end its wait.
                lock(&self.state).has_timekeeper = false;
                let doing = "no thread could be started that counts the time".into();
                self.let_futures_go(group, |_| {
                    Some(Alone::Undecided(Undecided { free: Duration::ZERO, doing }))
                });
            }
        }
        Some(Box::new(HeldFuture { hold: Arc::clone(self), id }))
    }

    /// Lets the futures of a group go: nobody has come. `alone` says why, by what is known under the lock, or that they stay.
    pub(super) fn let_futures_go(&self, group: u64, alone: impl FnOnce(&State) -> Option<Alone>) {
        let wakers = {
            let mut state = lock(&self.state);
            let inside = state
                .tickets
                .iter()
                .find(|ticket| ticket.group == group)
                .map(|ticket| ticket.gauge.in_flight());
            let Some(inside) = inside else { return };
            let Some(alone) = alone(&state) else { return };
            state.alone(group, inside, alone);
            state.take_wakers(|ticket| ticket.group == group)
        };
        wake_all(wakers);
    }
}

impl Held for HeldFuture {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        // Neither cloned nor dropped under the lock: both run foreign code.
        let waker = cx.waker().clone();
        let mut state = lock(&self.hold.state);
        let Some(ticket) = state.tickets.iter_mut().find(|ticket| ticket.id == self.id) else {
            return Poll::Ready(());
        };
        let before = ticket.waker.replace(waker);
        drop(state);
        drop(before);
        Poll::Pending
    }
}

impl Drop for HeldFuture {
    fn drop(&mut self) {
        let mut state = lock(&self.hold.state);
        let wakers = state.take_wakers(|ticket| ticket.id == self.id);
        drop(state);
        drop(wakers);
    }
}
