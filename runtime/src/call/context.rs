//! Which scopes are current on a thread.
//!
//! A context is an immutable list, innermost scope first. Making one current is a swap, so a worker that runs
//! another job while it waits gets exactly that job's scopes, and has its own back afterwards, also on unwind.

use crate::call::board::Board;
use crate::call::host::{Host, Visit};
use crate::call::memo;
use crate::call::name::Name;
use std::cell::{Cell, OnceCell, RefCell};
use std::marker::PhantomData;
use std::sync::Arc;

/// The scopes that are current somewhere, innermost first. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Context(Option<Arc<Node>>);

/// A scope that is current, and where in it.
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

    /// What it is made of: the board, which may be a ground, and where in the scope it is if it is none.
    pub(crate) fn place(&self) -> (&'static Board, Visit) {
        (self.board, self.visit)
    }

    /// The board of the batch that calls are counted in, and where in the scope that is.
    pub(crate) fn counts_on(&self) -> (&'static Board, Visit) {
        match self.board.ground() {
            0 => (self.board, self.visit),
            change => resolve(self.board, change).unwrap_or_else(|| self.host.ground()),
        }
    }
}

thread_local! {
    /// What a worker of a scope's own pool stands on.
    static BASE: OnceCell<Context> = const { OnceCell::new() };
    static CURRENT: RefCell<ThreadContext> = const { RefCell::new(ThreadContext(Context(None))) };
    /// The innermost scope of `CURRENT` once more, where a probe finds it with two loads. It has no destructor, so that
    /// reading it is no more than that.
    static INNERMOST: Cell<Option<(&'static Name, &'static Board)>> = const { Cell::new(None) };
    /// What the ground of this thread stood for when it was last asked.
    static RESOLVED: Cell<Option<Resolved>> = const { Cell::new(None) };
}

/// What a ground stood for at one of its changes.
#[derive(Clone, Copy)]
struct Resolved {
    ground: &'static Board,
    change: u32,
    counts_on: (&'static Board, Visit),
}

/// What a ground stands for, which is current on this thread. The scope is asked once for each change, under a lock.
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

/// The context that is current on a thread. `INNERMOST` and the memo go with it, at the latest when the thread ends: a board
/// is a scope's only as long as a context holds the scope.
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
    /// What is current on this thread. Nothing while the thread ends.
    pub(crate) fn current() -> Self {
        CURRENT.try_with(|current| current.borrow().0.clone()).unwrap_or_default()
    }

    /// Looks at this thread's context without cloning it.
    pub(crate) fn with_current<R>(look: impl FnOnce(&Context) -> R) -> Option<R> {
        CURRENT.try_with(|current| look(&current.borrow().0)).ok()
    }

    /// The board that calls are counted on in the innermost current scope of a name, and whether that may be another one while
    /// this context is current. The context holds the scope, so that its board cannot go to another one meanwhile.
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

    /// This context with one more scope, innermost, and calls counted on this board of it.
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

    /// Whether both are the very same list.
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

    /// Makes this context the ground on which a worker thread of a scope's own pool stands, for good.
    pub(crate) fn settle(self) {
        let _ = BASE.try_with(|base| base.set(self.clone()));
        let _ = CURRENT.try_with(|current| current.borrow_mut().replace(self));
    }

    /// Makes the thread's own ground current until the guard is dropped: the scope of its pool, else none. For a worker
    /// that waits, and may run whatever job there is meanwhile.
    pub(crate) fn enter_base() -> Current {
        let base = BASE.try_with(|base| base.get().cloned()).ok().flatten().unwrap_or_default();
        base.enter()
    }
}

/// Restores what was current before.
#[must_use = "the context is current only while this guard lives"]
pub(crate) struct Current {
    before: Option<Context>,
    _on_this_thread: PhantomData<*const ()>,
}

impl Drop for Current {
    fn drop(&mut self) {
        if let Some(before) = self.before.take() {
            // The context that ends is dropped outside of the borrow: it may be the last owner of a scope.
            let ended = CURRENT.try_with(|current| current.borrow_mut().replace(before));
            drop(ended);
        }
    }
}
