//! `sync`: the atomics, locks and cells that the crate uses. All files take them from here.
//!
//! The models (`runtime/models`) compile some files of this crate with a `sync` of their own, so that loom chooses the order of all
//! operations. So these files need no `cfg`, and no user builds loom.

pub(crate) use crate::base::clock::Instant;
pub(crate) use once_cell::race::{OnceBox, OnceRef};
pub(crate) use std::sync::{Condvar, Mutex, MutexGuard};
pub(crate) use std::thread::ThreadId;
pub(crate) use std::thread_local;

pub(crate) mod atomic {
    //! The atomics of `std`.

    pub(crate) use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering, fence};
}

/// The calling thread.
pub(crate) fn this_thread() -> ThreadId {
    std::thread::current().id()
}

/// Defines a value of the whole process, and a function of its name that returns it. In a model it is a value of one execution.
macro_rules! global {
    ($name:ident: $type:ty = $value:expr) => {
        #[inline]
        fn $name() -> &'static $type {
            static VALUE: $type = $value;
            &VALUE
        }
    };
}

/// Defines a `const fn`. In a model it is an ordinary function, because loom makes its objects at run time.
macro_rules! const_fn {
    ($(#[$attribute:meta])* $vis:vis const fn $($function:tt)+) => {
        $(#[$attribute])*
        $vis const fn $($function)+
    };
}

/// A value that the compiler computes once and copies from then on. Each probe is a static, and its initial value is a part of what
/// its attribute costs whoever compiles it. In a model it is made at run time.
macro_rules! computed_once {
    ($value:expr) => {
        const { $value }
    };
}

pub(crate) use {computed_once, const_fn, global};
