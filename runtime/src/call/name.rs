//! `Name`: the names of scopes. Each name is one node in the process, and names are compared by address.
//!
//! The nodes form a list that only grows at its end. Each site has a node of its own. So the first entry of a
//! probe finds or adds the name of its scope without a lock and without an allocation. `Scope::open` leaks one node for
//! each name that is new to the process.

use crate::base::lock::lock;
use crate::base::sync::atomic::{AtomicUsize, Ordering};
use crate::base::sync::{Mutex, OnceRef, computed_once, const_fn, global};
use crate::call::board::Board;
use crate::call::host::Host;
use std::sync::{Arc, Weak};

/// The name of a scope. Equal names are the same node, also if they come from different crates.
pub(crate) struct Name {
    text: &'static str,
    state: State,
}

/// What changes of a name.
struct State {
    next: OnceRef<'static, Name>,
    /// How many scopes of this name are open.
    live: AtomicUsize,
    /// The board of the open process-wide scope: its index in `wide_boards` plus one, or 0.
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

    /// The node of this text. It is `own`, if the text is new to the process.
    pub(crate) fn find_or_append(own: &'static Name) -> &'static Name {
        let mut end = first();
        loop {
            // `set` fails if another thread has appended first. Then that node is checked like any other.
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

    /// The node of this text. If the text is new to the process, a new node is leaked.
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

    /// Whether a scope of this name is open. `Relaxed`: a thread that should count for a scope was started, or
    /// got its work, after the scope was opened. That order makes the count visible.
    pub(crate) fn is_live(&self) -> bool {
        self.state.live.load(Ordering::Relaxed) != 0
    }

    pub(crate) fn opened(&self) {
        self.state.live.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn closed(&self) {
        self.state.live.fetch_sub(1, Ordering::Relaxed);
    }

    /// Every name of the process.
    pub(crate) fn all() -> impl Iterator<Item = &'static Name> {
        std::iter::successors(first().get(), |name| name.state.next.get())
    }

    /// A board for a process-wide scope. The caller has the turn, so that only one scope of a name is process-wide at a time. Calls are
    /// counted from [`WideBoard::publish`] on.
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
                    // Only the scope that has the turn appends, so that the end does not move.
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
    /// The pin and the second load are `SeqCst`. So are the store of 0 in the drop of [`WideBoard`] and the load of the
    /// pins in [`Board::lease_if_at_rest`]. So either the closing side sees the pin and does not lease the board again, or
    /// this side sees that the scope is closed. With weaker orderings each side could miss the other.
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

/// The board of a process-wide scope. It counts calls until this is dropped.
pub(crate) struct WideBoard {
    name: &'static Name,
    place: usize,
    board: &'static Board,
}

impl WideBoard {
    pub(crate) fn board(&self) -> &'static Board {
        self.board
    }

    /// Counts calls for this scope from now on.
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
