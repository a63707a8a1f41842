//! Locks a mutex.

use crate::base::sync::{Mutex, MutexGuard};
use std::sync::PoisonError;

/// Locks a mutex, also if it is poisoned. Its data is still valid then: no lock of this crate is held while foreign code runs, except that of
/// `open::gauges`, whose data is never half written.
pub(crate) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
