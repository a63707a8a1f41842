//! `Ways`: the ways into a scope that are on the stack of a thread.

use crate::base::sync::thread_local;
use std::cell::RefCell;

/// A kind of way into a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WayIn {
    /// A call of `run` or `in_scope`.
    Call,
    /// A poll of an attached future. The future was attached during a poll of the attached future `root`, or is that future. `None` if it is not
    /// known why it is polled.
    Poll { root: Option<u64> },
}

/// The ways into one scope that are on the stack of one thread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Ways {
    pub(super) calls: usize,
    pub(super) polls: usize,
    /// Whether one of them was taken by the thread that opened the scope.
    pub(super) of_opener: bool,
    /// If the first of them is a poll: the attached future that it belongs to, if that is known.
    pub(super) root: Option<u64>,
}

#[derive(Clone, Copy)]
struct OnStack {
    /// The address of the hold of the scope.
    hold: usize,
    way: WayIn,
    of_opener: bool,
}

thread_local! {
    #[allow(clippy::missing_const_for_thread_local, reason = "the models' has no constants")]
    static ON_STACK: RefCell<Vec<OnStack>> = RefCell::new(Vec::new());
}

/// This thread takes a way into the scope whose hold has this address. `of_opener`: on behalf of the thread that opened the scope.
pub(super) fn begin(hold: usize, way: WayIn, of_opener: bool) {
    let on_stack = OnStack { hold, way, of_opener };
    let _ = ON_STACK.try_with(|stack| stack.borrow_mut().push(on_stack));
}

/// The last way that this thread took into that scope ends.
pub(super) fn end(hold: usize) {
    let _ = ON_STACK.try_with(|stack| {
        let mut stack = stack.borrow_mut();
        if let Some(i) = stack.iter().rposition(|on_stack| on_stack.hold == hold) {
            stack.remove(i);
        }
    });
}

/// The ways into that scope that are on the stack of this thread.
pub(super) fn of_this_thread(hold: usize) -> Ways {
    let mut ways = Ways::default();
    let _ = ON_STACK.try_with(|stack| {
        for on_stack in stack.borrow().iter().filter(|on_stack| on_stack.hold == hold) {
            match on_stack.way {
                WayIn::Call => ways.calls += 1,
                WayIn::Poll { root } => {
                    if ways.calls + ways.polls == 0 {
                        ways.root = root;
                    }
                    ways.polls += 1;
                }
            }
            ways.of_opener |= on_stack.of_opener;
        }
    });
    ways
}
