//! Locks a mutex.

use crate::base::sync::{Mutex, MutexGuard};
use std::sync::PoisonError;

/// Locks a mutex; what a panicking holder left behind is still valid, as no lock here is held over foreign code, but for
/// that of gauges, which leaves nothing half written.
pub(crate) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
