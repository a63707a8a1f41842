//! The `base` of the runtime, with loom.

#[path = "../../../src/base/lock.rs"]
pub(crate) mod lock;
pub(crate) mod sync;
pub(crate) mod task;
#[path = "../../../src/base/text.rs"]
#[allow(dead_code, reason = "a part of the runtime")]
pub(crate) mod text;

pub(crate) mod warn {
    //! No model takes long enough for a warning.

    pub(crate) fn warn(message: std::fmt::Arguments<'_>) {
        panic!("no model takes long enough for a warning: {message}");
    }

    pub(crate) fn warn_uncaptured(message: std::fmt::Arguments<'_>) {
        warn(message);
    }
}
