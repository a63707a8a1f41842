//! `sync`: what threads share memory and wait with, and the one place it comes from.
//!
//! The models (`runtime/models`) compile the files above the pool from here, with a `sync` of their own that lets loom
//! choose the order of everything. So there is neither a `cfg` in those files nor loom in anybody's build.

pub(crate) use crate::base::clock::Instant;
pub(crate) use once_cell::race::{OnceBox, OnceRef};
pub(crate) use std::sync::{Condvar, Mutex, MutexGuard};
pub(crate) use std::thread::ThreadId;
pub(crate) use std::thread_local;

pub(crate) mod atomic {
    //! `std`'s, see above.

    pub(crate) use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering, fence};
}

/// The calling thread.
pub(crate) fn this_thread() -> ThreadId {
    std::thread::current().id()
}

/// A value of the whole process, under a function of its name. In a model: of one execution.
macro_rules! global {
    ($name:ident: $type:ty = $value:expr) => {
        #[inline]
        fn $name() -> &'static $type {
            static VALUE: $type = $value;
            &VALUE
        }
    };
}

/// A `const fn`. In a model an ordinary one, as what loom watches is made at run time.
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
