//! A held future: a future that is kept pending until enough futures are in flight.
//!
//! No thread waits for it. An attached future is *stuck* if nothing but the hold has its waker. That is found out at
//! the end of its poll (`task_watch`). If all attached futures are stuck, none of them can go on before the hold wakes one. Then only a future that is
//! attached later can bring a call.
//!
//! * If a future borrows the scope exclusively, none can be attached later. The wait ends immediately.
//! * Otherwise a timekeeper counts free time up to the limit. A wait that it ends is proven, until a call comes by another way.
//! * If a semaphore, a stream or another task has a waker of the future too, a wait that ends by the limit is undecided.

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

/// The part of a held future that its entry polls.
struct HeldFuture {
    hold: Arc<Hold>,
    id: u64,
}

impl Hold {
    /// Counts the entry of a future. Returns what it must wait for, if it must wait.
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
        // Each future was counted before it took the lock, so that the last of them sees all.
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
                // Without a timekeeper its wait would never end.
                lock(&self.state).has_timekeeper = false;
                let doing = "the thread that counts the time could not be started".into();
                self.let_futures_go(group, |_| {
                    Some(Alone::Undecided(Undecided { free: Duration::ZERO, doing }))
                });
            }
        }
        Some(Box::new(HeldFuture { hold: Arc::clone(self), id }))
    }

    /// Ends the wait of the futures of a group without a meeting. `alone` is called under the lock. It says why the wait ends, or returns `None` if
    /// they must go on waiting.
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
        // Cloned and dropped without the lock, because both run foreign code.
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
