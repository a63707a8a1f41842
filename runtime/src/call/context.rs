//! `Context`: the scopes that are current on a thread.
//!
//! A context is an immutable list, with the innermost scope first. Making it current is a swap. So a worker that runs
//! another job while it waits gets exactly the scopes of that job, and gets its own back afterwards, also on unwind.

use crate::call::board::Board;
use crate::call::host::{Host, Visit};
use crate::call::memo;
use crate::call::name::Name;
use std::cell::{Cell, OnceCell, RefCell};
use std::marker::PhantomData;
use std::sync::Arc;

/// The scopes that are current at some place, innermost first. A clone is one reference count.
#[derive(Clone, Default)]
pub(crate) struct Context(Option<Arc<Node>>);

/// A scope that is current, and the place in it that counts calls.
pub(crate) struct Node {
    name: &'static Name,
    host: Arc<dyn Host>,
    board: &'static Board,
    visit: Visit,
    outer: Context,
}

impl Node {
    pub(crate) fn host(&self) -> &Arc<dyn Host> {
        &self.host
    }

    /// The board, which may be a ground, and, if it is not a ground, its batch and pass in the scope.
    pub(crate) fn place(&self) -> (&'static Board, Visit) {
        (self.board, self.visit)
    }

    /// The board that counts the calls, and its batch and pass in the scope.
    pub(crate) fn counts_on(&self) -> (&'static Board, Visit) {
        match self.board.ground() {
            0 => (self.board, self.visit),
            change => resolve(self.board, change).unwrap_or_else(|| self.host.ground()),
        }
    }
}

thread_local! {
    /// The context of a worker of a scope's own pool while it runs no job.
    static BASE: OnceCell<Context> = const { OnceCell::new() };
    static CURRENT: RefCell<ThreadContext> = const { RefCell::new(ThreadContext(Context(None))) };
    /// A copy of the innermost scope of `CURRENT`, which a probe finds with two loads. It has no destructor, so that
    /// reading it needs no check.
    static INNERMOST: Cell<Option<(&'static Name, &'static Board)>> = const { Cell::new(None) };
    /// What the ground of this thread stood for when its scope was last asked.
    static RESOLVED: Cell<Option<Resolved>> = const { Cell::new(None) };
}

/// What a ground stood for at one of its changes.
#[derive(Clone, Copy)]
struct Resolved {
    ground: &'static Board,
    change: u32,
    counts_on: (&'static Board, Visit),
}

/// What a ground that is current on this thread stands for. The scope is asked once for each change, under a lock.
#[cold]
fn resolve(ground: &'static Board, change: u32) -> Option<(&'static Board, Visit)> {
    match RESOLVED.get() {
        Some(known) if std::ptr::eq(known.ground, ground) && known.change == change => Some(known.counts_on),
        _ => {
            let host = Context::with_current(|context| {
                context
                    .nodes()
                    .find(|node| std::ptr::eq(node.board, ground))
                    .map(|node| Arc::clone(&node.host))
            });
            let counts_on = host.flatten()?.ground();
            RESOLVED.set(Some(Resolved { ground, change, counts_on }));
            Some(counts_on)
        }
    }
}

/// The context that is current on a thread. When it is replaced, and when the thread ends, `INNERMOST` and the memo are reset too, because a board
/// belongs to its scope only as long as a context holds the scope.
struct ThreadContext(Context);

impl ThreadContext {
    fn replace(&mut self, context: Context) -> Context {
        INNERMOST.set(context.innermost().map(|node| (node.name, node.board)));
        memo::context_changed();
        std::mem::replace(&mut self.0, context)
    }
}

impl Drop for ThreadContext {
    fn drop(&mut self) {
        INNERMOST.set(None);
        memo::context_changed();
    }
}

impl Context {
    /// The context of this thread. Empty while the thread ends.
    pub(crate) fn current() -> Self {
        CURRENT.try_with(|current| current.borrow().0.clone()).unwrap_or_default()
    }

    /// Looks at this thread's context without cloning it.
    pub(crate) fn with_current<R>(look: impl FnOnce(&Context) -> R) -> Option<R> {
        CURRENT.try_with(|current| look(&current.borrow().0)).ok()
    }

    /// The board that counts calls in the innermost current scope of a name, and whether it may change while
    /// this context is current. The context holds the scope, so that its board cannot go to another scope in the meantime.
    pub(crate) fn board_of(name: &Name) -> Option<(&'static Board, bool)> {
        let counts_on = |node: &Node| (node.counts_on().0, node.board.ground() != 0);
        match INNERMOST.get() {
            Some((innermost, board)) if innermost.is(name) => match board.ground() {
                0 => Some((board, false)),
                change => resolve(board, change).map(|(board, _)| (board, true)),
            },
            Some(_) => Context::with_current(|context| context.find(name).map(counts_on))?,
            None => None,
        }
    }

    /// This context with one more scope as the innermost. `board` counts its calls.
    pub(crate) fn and(
        &self,
        name: &'static Name,
        host: Arc<dyn Host>,
        board: &'static Board,
        visit: Visit,
    ) -> Self {
        Context(Some(Arc::new(Node { name, host, board, visit, outer: self.clone() })))
    }

    /// The innermost scope.
    pub(crate) fn innermost(&self) -> Option<&Node> {
        self.0.as_deref()
    }

    /// The innermost scope of a name.
    pub(crate) fn find(&self, name: &Name) -> Option<&Node> {
        self.nodes().find(|node| node.name.is(name))
    }

    /// The scopes, innermost first.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = &Node> {
        std::iter::successors(self.innermost(), |node| node.outer.innermost())
    }

    /// Whether both are the same list in memory.
    pub(crate) fn is(&self, other: &Context) -> bool {
        match (&self.0, &other.0) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            (None, None) => true,
            _ => false,
        }
    }

    /// Makes this context current on this thread until the guard is dropped.
    pub(crate) fn enter(&self) -> Current {
        let before = CURRENT.try_with(|current| current.borrow_mut().replace(self.clone())).ok();
        Current { before, _on_this_thread: PhantomData }
    }

    /// Makes this context the base of this thread, a worker of a scope's own pool, for its whole life.
    pub(crate) fn settle(self) {
        let _ = BASE.try_with(|base| base.set(self.clone()));
        let _ = CURRENT.try_with(|current| current.borrow_mut().replace(self));
    }

    /// Makes the base of this thread current until the guard is dropped: the scope of its pool, or no scope. It is for a worker
    /// that waits, and may run any other job in the meantime.
    pub(crate) fn enter_base() -> Current {
        let base = BASE.try_with(|base| base.get().cloned()).ok().flatten().unwrap_or_default();
        base.enter()
    }
}

/// Restores the context that was current before.
#[must_use = "the context is current only while this guard lives"]
pub(crate) struct Current {
    before: Option<Context>,
    _on_this_thread: PhantomData<*const ()>,
}

impl Drop for Current {
    fn drop(&mut self) {
        if let Some(before) = self.before.take() {
            // The old context is dropped after the borrow, because it may be the last owner of a scope.
            let ended = CURRENT.try_with(|current| current.borrow_mut().replace(before));
            drop(ended);
        }
    }
}
