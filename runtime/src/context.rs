//! Which scopes are current on a thread.
//!
//! A context is an immutable list, innermost scope first. Making one current is a swap, so a worker that runs
//! another job while it waits gets exactly that job's scopes, and has its own back afterwards, also on unwind.

use crate::board::Board;
use crate::name::Name;
use crate::shared::Shared;
use std::cell::{Cell, OnceCell, RefCell};
use std::marker::PhantomData;
use std::sync::Arc;

/// The scopes that are current somewhere, innermost first. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Context(Option<Arc<Node>>);

struct Node {
    scope: Arc<Shared>,
    outer: Context,
}

thread_local! {
    /// What a worker of a scope's own pool stands on.
    static BASE: OnceCell<Context> = const { OnceCell::new() };
    static CURRENT: RefCell<Ground> = const { RefCell::new(Ground(Context(None))) };
    /// The innermost scope of `CURRENT` once more, where a probe finds it with two loads. It has no destructor, so that
    /// reading it is no more than that.
    static INNERMOST: Cell<Option<(&'static Name, &'static Board)>> = const { Cell::new(None) };
}

/// What a thread stands on. `INNERMOST` goes with it, at the latest when the thread ends: a board is only a scope's as
/// long as a context holds the scope.
struct Ground(Context);

impl Ground {
    fn replace(&mut self, context: Context) -> Context {
        INNERMOST.set(context.innermost().map(|scope| (scope.name(), scope.board())));
        std::mem::replace(&mut self.0, context)
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        INNERMOST.set(None);
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

    /// Runs `count` on the board of the innermost current scope of a name. The context holds the scope meanwhile, so its
    /// board cannot go to another one.
    #[inline]
    pub(crate) fn with_board<R>(name: &Name, count: impl FnOnce(&'static Board) -> R) -> Option<R> {
        match INNERMOST.get() {
            Some((innermost, board)) if innermost.is(name) => Some(count(board)),
            Some(_) => Context::with_current(|context| context.find(name).map(|scope| count(scope.board())))?,
            None => None,
        }
    }

    /// This context with one more scope, innermost.
    pub(crate) fn and(&self, scope: &Arc<Shared>) -> Self {
        Context(Some(Arc::new(Node { scope: Arc::clone(scope), outer: self.clone() })))
    }

    /// The innermost scope.
    pub(crate) fn innermost(&self) -> Option<&Arc<Shared>> {
        self.0.as_ref().map(|node| &node.scope)
    }

    /// The innermost scope of a name.
    pub(crate) fn find(&self, name: &Name) -> Option<&Arc<Shared>> {
        let mut context = self;
        while let Some(node) = &context.0 {
            if node.scope.name().is(name) {
                return Some(&node.scope);
            }
            context = &node.outer;
        }
        None
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
