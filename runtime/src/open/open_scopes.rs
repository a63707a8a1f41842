//! The scopes that are open, in the order in which they were opened: for the live file and for gauges.

use crate::base::lock::lock;
use crate::work::state::ScopeState;
use std::sync::{Arc, Mutex, Weak};

static OPEN: Mutex<Vec<Weak<ScopeState>>> = Mutex::new(Vec::new());

/// A scope was opened.
pub(crate) fn opened(scope: &Arc<ScopeState>) {
    lock(&OPEN).push(Arc::downgrade(scope));
}

/// A scope was closed.
pub(crate) fn closed(scope: &Arc<ScopeState>) {
    lock(&OPEN).retain(|open| !std::ptr::eq(open.as_ptr(), Arc::as_ptr(scope)));
}

/// Those that are open now.
pub(crate) fn all() -> Vec<Weak<ScopeState>> {
    lock(&OPEN).clone()
}
