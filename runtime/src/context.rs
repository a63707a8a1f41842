//! Which scopes are current on a thread.
//!
//! A context is an immutable list, innermost scope first. Making one current is a swap, so a worker that runs
//! another job while it waits gets exactly that job's scopes, and has its own back afterwards, also on unwind.

use crate::name::Name;
use crate::shared::Shared;
use std::cell::RefCell;
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
    static CURRENT: RefCell<Context> = const { RefCell::new(Context(None)) };
}

impl Context {
    /// What is current on this thread. Nothing while the thread ends.
    pub(crate) fn current() -> Self {
        CURRENT.try_with(|current| current.borrow().clone()).unwrap_or_default()
    }

    /// Looks at this thread's context without cloning it.
    #[inline]
    pub(crate) fn with_current<R>(look: impl FnOnce(&Context) -> R) -> Option<R> {
        CURRENT.try_with(|current| look(&current.borrow())).ok()
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
    #[inline]
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
        let before = CURRENT.try_with(|current| current.replace(self.clone())).ok();
        Current { before, _on_this_thread: PhantomData }
    }

    /// Makes this context the ground on which a worker thread of a scope's own pool stands, for good.
    pub(crate) fn settle(self) {
        let _ = CURRENT.try_with(|current| current.replace(self));
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
            let ended = CURRENT.try_with(|current| current.replace(before));
            drop(ended);
        }
    }
}
