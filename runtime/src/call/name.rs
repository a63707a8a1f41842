//! Scope names: one node a name and process, compared by address.
//!
//! The nodes form a list that only grows at its end. A site brings its own node, so that the first entry of a
//! probe finds or adds its scope's name without a lock and without allocating; `Scope::open` leaks one node for
//! each name it meets first.

use crate::base::lock::lock;
use crate::base::sync::atomic::{AtomicUsize, Ordering};
use crate::base::sync::{Mutex, OnceRef, computed_once, const_fn, global};
use crate::call::board::Board;
use crate::call::host::Host;
use std::sync::{Arc, Weak};

/// A scope's name. Equal names are the same node, whatever crate they come from.
pub(crate) struct Name {
    text: &'static str,
    state: State,
}

/// What changes of a name.
struct State {
    next: OnceRef<'static, Name>,
    /// How many scopes of this name are open.
    live: AtomicUsize,
    /// The board of the open process-wide scope: its place in `wide_boards` plus one, or 0.
    wide: AtomicUsize,
    wide_boards: OnceRef<'static, Board>,
    /// The scope of that board, for entries that have no context, on their slow ways only. Leaked by the first process-wide scope of
    /// the name: a mutex in each static would cost whoever compiles a thousand probes.
    wide_host: OnceRef<'static, WideHost>,
}

type WideHost = Mutex<Option<Weak<dyn Host>>>;

impl State {
    const_fn! {
        const fn new() -> Self {
            State {
                next: OnceRef::new(),
                live: AtomicUsize::new(0),
                wide: AtomicUsize::new(0),
                wide_boards: OnceRef::new(),
                wide_host: OnceRef::new(),
            }
        }
    }
}

global!(first: OnceRef<'static, Name> = OnceRef::new());

impl Name {
    const_fn! {
        pub(crate) const fn new(text: &'static str) -> Self {
            Name { text, state: computed_once!(State::new()) }
        }
    }

    pub(crate) fn text(&self) -> &'static str {
        self.text
    }

    /// The node of this text, which is `own` if the process meets it for the first time.
    pub(crate) fn find_or_append(own: &'static Name) -> &'static Name {
        let mut end = first();
        loop {
            // `set` fails when another thread appended first; then its node is looked at like any other.
            if end.get().is_none() && end.set(own).is_ok() {
                return own;
            }
            match end.get() {
                Some(node) if node.text == own.text => return node,
                Some(node) => end = &node.state.next,
                None => {}
            }
        }
    }

    /// The node of this text, leaked if the process meets it for the first time.
    pub(crate) fn intern(text: &str) -> &'static Name {
        let mut end = first();
        while let Some(node) = end.get() {
            if node.text == text {
                return node;
            }
            end = &node.state.next;
        }
        Name::find_or_append(Box::leak(Box::new(Name::new(String::from(text).leak()))))
    }

    pub(crate) fn is(&self, other: &Name) -> bool {
        std::ptr::eq(self, other)
    }

    /// Whether a scope of this name is open. Relaxed: a thread that should count for a scope was started, or
    /// handed its work, after the scope was opened, and that ordering is what makes the count visible.
    pub(crate) fn is_live(&self) -> bool {
        self.state.live.load(Ordering::Relaxed) != 0
    }

    pub(crate) fn opened(&self) {
        self.state.live.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn closed(&self) {
        self.state.live.fetch_sub(1, Ordering::Relaxed);
    }

    /// Every name that the process has met.
    pub(crate) fn all() -> impl Iterator<Item = &'static Name> {
        std::iter::successors(first().get(), |name| name.state.next.get())
    }

    /// A board for a process-wide scope. One scope of a name is process-wide at a time: the caller has the turn. Calls are
    /// claimed from [`WideBoard::publish`] on.
    pub(crate) fn lease_wide(&'static self) -> WideBoard {
        let mut place = 1;
        let mut end = &self.state.wide_boards;
        let board = loop {
            match end.get() {
                Some(board) if board.lease_if_at_rest() => break board,
                Some(board) => {
                    place += 1;
                    end = board.next();
                }
                None => {
                    // Only the turn's holder appends, so the end stays the end.
                    let board = Board::leaked();
                    let appended = end.set(board).is_ok() && board.lease_if_at_rest();
                    debug_assert!(appended, "a fresh board is free");
                    break board;
                }
            }
        };
        WideBoard { name: self, place, board }
    }

    /// Runs `count` on the board of the open process-wide scope, if one is open.
    ///
    /// The pin and the second look are `SeqCst`, as are the store of 0 in the drop of [`WideBoard`] and the look at the
    /// pins in [`Board::lease_if_at_rest`]: either the closing side sees the pin and leaves the board alone, or
    /// this side sees that the scope is closed. With weaker orderings both could miss the other.
    pub(crate) fn with_wide<R>(&'static self, count: impl FnOnce(&'static Board) -> R) -> Option<R> {
        let place = self.state.wide.load(Ordering::SeqCst);
        if place == 0 {
            return None;
        }
        let mut board = self.state.wide_boards.get()?;
        for _ in 1..place {
            board = board.next().get()?;
        }
        let _pin = board.pin();
        (self.state.wide.load(Ordering::SeqCst) == place).then(|| count(board))
    }
}

impl Name {
    /// Where the host of a process-wide scope is kept.
    fn wide_host_slot(&self) -> &'static WideHost {
        let slot = &self.state.wide_host;
        if slot.get().is_none() {
            // Only the turn's holder comes here. If another one did, its slot would be the one.
            let _ = slot.set(Box::leak(Box::new(WideHost::new(None))));
        }
        slot.get().expect("it was set")
    }

    /// The process-wide scope, if one is open and its calls are counted on this board.
    pub(crate) fn wide_host(
        &'static self,
        is_on: impl FnOnce(&'static Board) -> bool,
    ) -> Option<Arc<dyn Host>> {
        let host = || lock(self.state.wide_host.get()?).as_ref().and_then(Weak::upgrade);
        self.with_wide(|board| is_on(board).then(host)).flatten().flatten()
    }
}

/// The board of a process-wide scope, which claims calls until this is dropped.
pub(crate) struct WideBoard {
    name: &'static Name,
    place: usize,
    board: &'static Board,
}

impl WideBoard {
    pub(crate) fn board(&self) -> &'static Board {
        self.board
    }

    /// Claims calls for this scope from now on.
    pub(crate) fn publish(&self, host: Option<Weak<dyn Host>>) {
        *lock(self.name.wide_host_slot()) = host;
        self.name.state.wide.store(self.place, Ordering::SeqCst);
    }
}

impl Drop for WideBoard {
    fn drop(&mut self) {
        self.name.state.wide.store(0, Ordering::SeqCst);
        if let Some(slot) = self.name.state.wide_host.get() {
            *lock(slot) = None;
        }
    }
}
