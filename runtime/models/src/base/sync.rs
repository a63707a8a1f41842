//! `sync` of the runtime, with loom, and with a fault in a broken twin.

use crate::fault::{self, Fault};
use loom::sync::atomic::Ordering;
use std::cell::Cell;
use std::ops::Add;
use std::sync::LockResult;
use std::time::Duration;

pub(crate) use loom::sync::{Mutex, MutexGuard, WaitTimeoutResult};
pub(crate) use loom::thread::ThreadId;
pub(crate) use loom::thread_local;

/// The calling thread.
pub(crate) fn this_thread() -> ThreadId {
    loom::thread::current().id()
}

pub(crate) mod atomic {
    //! The atomics of loom. loom treats a `SeqCst` access as `AcqRel`, and models the total order only for fences. So a `SeqCst`
    //! access stands between two fences here.

    use crate::fault::{self, Fault};

    pub(crate) use loom::sync::atomic::{Ordering, fence};

    fn ordered<R>(order: Ordering, access: impl FnOnce() -> R) -> R {
        let total = order == Ordering::SeqCst && !fault::is(Fault::NoTotalOrder);
        if total {
            fence(Ordering::SeqCst);
        }
        let result = access();
        if total {
            fence(Ordering::SeqCst);
        }
        result
    }

    fn of_a_load(order: Ordering) -> Ordering {
        match order {
            Ordering::Acquire if fault::is(Fault::RelaxedAcquire) => Ordering::Relaxed,
            other => other,
        }
    }

    fn of_a_write(order: Ordering) -> Ordering {
        match order {
            Ordering::Release if fault::is(Fault::RelaxedRelease) => Ordering::Relaxed,
            other => other,
        }
    }

    macro_rules! atomics {
        ($($name:ident($type:ty))+) => {$(
            #[derive(Debug, Default)]
            pub(crate) struct $name(loom::sync::atomic::$name);

            #[allow(dead_code, reason = "not all of them everywhere")]
            impl $name {
                pub(crate) fn new(value: $type) -> Self {
                    $name(loom::sync::atomic::$name::new(value))
                }

                pub(crate) fn load(&self, order: Ordering) -> $type {
                    ordered(order, || self.0.load(of_a_load(order)))
                }

                pub(crate) fn store(&self, value: $type, order: Ordering) {
                    ordered(order, || self.0.store(value, of_a_write(order)));
                }

                pub(crate) fn compare_exchange(
                    &self,
                    old: $type,
                    new: $type,
                    success: Ordering,
                    failure: Ordering,
                ) -> Result<$type, $type> {
                    if fault::is(Fault::TornExchange) {
                        let found = self.0.load(failure);
                        return if found == old {
                            self.0.store(new, success);
                            Ok(found)
                        } else {
                            Err(found)
                        };
                    }
                    ordered(success, || {
                        self.0.compare_exchange(old, new, of_a_write(success), of_a_load(failure))
                    })
                }
            }
        )+};
    }

    macro_rules! numbers {
        ($($name:ident($type:ty))+) => {$(
            #[allow(dead_code, reason = "not all of them everywhere")]
            impl $name {
                pub(crate) fn fetch_add(&self, n: $type, order: Ordering) -> $type {
                    if fault::is(Fault::TornAdd) {
                        let before = self.0.load(Ordering::Acquire);
                        self.0.store(before + n, Ordering::Release);
                        return before;
                    }
                    ordered(order, || self.0.fetch_add(n, of_a_write(order)))
                }

                pub(crate) fn fetch_sub(&self, n: $type, order: Ordering) -> $type {
                    ordered(order, || self.0.fetch_sub(n, of_a_write(order)))
                }

                pub(crate) fn fetch_max(&self, n: $type, order: Ordering) -> $type {
                    if fault::is(Fault::TornMax) {
                        let before = self.0.load(Ordering::Acquire);
                        self.0.store(before.max(n), Ordering::Release);
                        return before;
                    }
                    ordered(order, || self.0.fetch_max(n, of_a_write(order)))
                }
            }
        )+};
    }

    atomics!(AtomicBool(bool) AtomicU32(u32) AtomicU64(u64) AtomicUsize(usize));
    numbers!(AtomicU32(u32) AtomicU64(u64) AtomicUsize(usize));
}

/// `OnceRef` of `once_cell`: one pointer, with the same orderings. There is no `unsafe` here, so the threads share the address, and find the
/// reference by it among those that were offered.
pub(crate) struct OnceRef<'a, T> {
    address: atomic::AtomicUsize,
    offered: std::sync::Mutex<Vec<&'a T>>,
}

impl<'a, T> OnceRef<'a, T> {
    pub(crate) fn new() -> Self {
        OnceRef { address: atomic::AtomicUsize::new(0), offered: std::sync::Mutex::default() }
    }

    pub(crate) fn get(&self) -> Option<&'a T> {
        let address = self.address.load(Ordering::Acquire);
        let offered = self.offered.lock().unwrap();
        offered.iter().copied().find(|value| std::ptr::from_ref(*value).addr() == address)
    }

    pub(crate) fn set(&self, value: &'a T) -> Result<(), ()> {
        self.offered.lock().unwrap().push(value);
        let address = std::ptr::from_ref(value).addr();
        let set = self.address.compare_exchange(0, address, Ordering::Release, Ordering::Acquire);
        set.map(|_| ()).map_err(|_| ())
    }
}

impl<T> Default for OnceRef<'_, T> {
    fn default() -> Self {
        OnceRef::new()
    }
}

/// `OnceBox` of `once_cell`, which never frees here.
pub(crate) struct OnceBox<T: 'static>(OnceRef<'static, T>);

impl<T> OnceBox<T> {
    pub(crate) fn new() -> Self {
        OnceBox(OnceRef::new())
    }

    pub(crate) fn get(&self) -> Option<&T> {
        self.0.get()
    }

    pub(crate) fn get_or_init(&self, make: impl FnOnce() -> Box<T>) -> &T {
        if let Some(value) = self.get() {
            return value;
        }
        let own: &'static T = Box::leak(make());
        match self.0.set(own) {
            Ok(()) => own,
            Err(()) => self.get().unwrap(),
        }
    }
}

impl<T> Default for OnceBox<T> {
    fn default() -> Self {
        OnceBox::new()
    }
}

/// The condition variable of loom. A timeout never comes, so that a waiting thread must be notified.
#[derive(Debug)]
pub(crate) struct Condvar(loom::sync::Condvar);

impl Condvar {
    pub(crate) fn new() -> Self {
        Condvar(loom::sync::Condvar::new())
    }

    pub(crate) fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> LockResult<MutexGuard<'a, T>> {
        self.0.wait(guard)
    }

    pub(crate) fn wait_timeout<'a, T>(
        &self,
        guard: MutexGuard<'a, T>,
        timeout: Duration,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)> {
        self.0.wait_timeout(guard, timeout)
    }

    pub(crate) fn notify_all(&self) {
        if !fault::is(Fault::NoNotification) {
            self.0.notify_all();
        }
    }
}

std::thread_local! {
    static NOW: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

/// A moment. All moments are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Instant(Duration);

impl Instant {
    pub(crate) fn now() -> Self {
        Instant(NOW.get())
    }

    pub(crate) fn elapsed(self) -> Duration {
        NOW.get().saturating_sub(self.0)
    }
}

impl Add<Duration> for Instant {
    type Output = Instant;

    fn add(self, later: Duration) -> Instant {
        Instant(self.0 + later)
    }
}

macro_rules! global {
    ($name:ident: $type:ty = $value:expr) => {
        fn $name() -> &'static $type {
            loom::lazy_static! {
                static ref VALUE: $type = $value;
            }
            &VALUE
        }
    };
}

macro_rules! const_fn {
    ($(#[$attribute:meta])* $vis:vis const fn $($function:tt)+) => {
        $(#[$attribute])*
        $vis fn $($function)+
    };
}

macro_rules! computed_once {
    ($value:expr) => {
        $value
    };
}

pub(crate) use {computed_once, const_fn, global};
