//! Tokens: they tell a hold that something is under way, until they are dropped.

use crate::base::lock::lock;
use crate::base::sync::atomic::{AtomicBool, Ordering};
use crate::call::host::Visit;
use crate::verdict::hold::holder::Hold;
use crate::verdict::hold::state::State;
use crate::verdict::hold::ticket::wake_all;
use crate::verdict::hold::ways::{self, WayIn};
use std::marker::PhantomData;
use std::sync::Arc;

impl Hold {
    /// This thread takes a way into the scope, until the guard is dropped. `of_opener`: on behalf of the thread that opened the scope.
    pub(crate) fn way(self: &Arc<Self>, way: WayIn, of_opener: bool) -> Way {
        ways::begin(self.address(), way, of_opener);
        let is_poll = way != WayIn::Call;
        let mut state = lock(&self.state);
        state.world.under_way += 1;
        state.world.polls += usize::from(is_poll);
        drop(state);
        Way { hold: Arc::clone(self), is_poll, _on_this_thread: PhantomData }
    }

    /// A future is attached, until the token is dropped. Returns its number too.
    pub(crate) fn attached(self: &Arc<Self>) -> (u64, Token) {
        let mut state = lock(&self.state);
        state.world.attached += 1;
        let number = state.next_number();
        drop(state);
        (number, Token { hold: Arc::clone(self), which: |state| &mut state.world.attached })
    }

    /// A job is sent to the pool and has not begun, until the token is dropped.
    pub(crate) fn job_on_its_way(self: &Arc<Self>) -> Token {
        lock(&self.state).world.had_jobs = true;
        self.note(|state| &mut state.jobs_on_their_way)
    }

    /// An offload is under way, from when it is sent until it has ended, when the token is dropped. It may call a probe, and is not
    /// counted as a way into the scope.
    pub(crate) fn offload(self: &Arc<Self>) -> Token {
        lock(&self.state).world.had_jobs = true;
        self.note(|state| &mut state.offloads)
    }

    /// A pass of this batch may still begin, until the token is dropped.
    pub(crate) fn right(self: &Arc<Self>, batch: u32) -> Right {
        *lock(&self.state).rights.entry(batch).or_default() += 1;
        Right { hold: Arc::clone(self), batch }
    }

    /// A pass is under way, until the token is dropped.
    pub(crate) fn pass(self: &Arc<Self>, visit: Visit) -> PassUnderWay {
        lock(&self.state).passes.push(visit.pass);
        PassUnderWay { hold: Arc::clone(self), visit, was_stopped: AtomicBool::new(false) }
    }

    /// A pass may get calls from elsewhere than its lanes, until the token is dropped: from its stream, or from a handle that was taken in one
    /// of its lanes.
    pub(crate) fn keep_open(self: &Arc<Self>, visit: Visit) -> OpenPass {
        lock(&self.state).open_passes.push(visit);
        OpenPass { hold: Arc::clone(self), visit }
    }

    /// The last chunk of this pass had all items that were ready. A faster stream would have had more. So a wait without a meeting proves nothing.
    #[allow(dead_code, reason = "without the feature `stream`; the models have no features")]
    pub(crate) fn more_was_to_come(&self, visit: Visit) {
        lock(&self.state).doubt(|group| group.visit == visit);
    }

    /// Something is under way, until the token is dropped.
    fn note(self: &Arc<Self>, which: fn(&mut State) -> &mut usize) -> Token {
        let mut state = lock(&self.state);
        *which(&mut state) += 1;
        Token { hold: Arc::clone(self), which }
    }
}

/// A way into a scope that is on the stack of this thread.
pub(crate) struct Way {
    hold: Arc<Hold>,
    is_poll: bool,
    _on_this_thread: PhantomData<*const ()>,
}

impl Drop for Way {
    fn drop(&mut self) {
        ways::end(self.hold.address());
        let mut state = lock(&self.hold.state);
        state.world.under_way -= 1;
        state.world.polls -= usize::from(self.is_poll);
        drop(state);
        self.hold.changed.notify_all();
    }
}

/// Something that is under way. The waiting threads are notified when it ends.
pub(crate) struct Token {
    hold: Arc<Hold>,
    which: fn(&mut State) -> &mut usize,
}

impl Drop for Token {
    fn drop(&mut self) {
        self.hold.change(|state| *(self.which)(state) -= 1);
    }
}

/// A right to a pass that is not used.
pub(crate) struct Right {
    hold: Arc<Hold>,
    batch: u32,
}

impl Drop for Right {
    fn drop(&mut self) {
        self.hold.change(|state| {
            if let Some(rights) = state.rights.get_mut(&self.batch) {
                *rights -= 1;
            }
        });
    }
}

/// A pass under way.
pub(crate) struct PassUnderWay {
    hold: Arc<Hold>,
    visit: Visit,
    was_stopped: AtomicBool,
}

impl PassUnderWay {
    /// The pass did not run all of its items, so that the number of its calls says nothing.
    pub(crate) fn stopped(&self) {
        self.was_stopped.store(true, Ordering::Relaxed);
    }
}

impl Drop for PassUnderWay {
    fn drop(&mut self) {
        let was_stopped = self.was_stopped.load(Ordering::Relaxed);
        let mut wakers = Vec::new();
        self.hold.change(|state| wakers = state.pass_ends(self.visit, was_stopped));
        wake_all(wakers);
    }
}

/// Tells the hold that a pass may get calls from elsewhere than its lanes.
pub(crate) struct OpenPass {
    hold: Arc<Hold>,
    visit: Visit,
}

impl Clone for OpenPass {
    fn clone(&self) -> Self {
        self.hold.keep_open(self.visit)
    }
}

impl Drop for OpenPass {
    fn drop(&mut self) {
        self.hold.change(|state| {
            if let Some(i) = state.open_passes.iter().position(|visit| *visit == self.visit) {
                state.open_passes.swap_remove(i);
            }
        });
    }
}
