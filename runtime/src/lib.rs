#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod attach;
mod blocking;
mod board;
mod builder;
mod context;
#[cfg(feature = "stream")]
mod drive;
#[cfg(feature = "stream")]
mod drive_in_place;
mod entry;
mod gauge;
mod handle;
mod hold;
mod inside;
mod job;
mod lane;
mod ledger;
mod memo;
mod meter;
mod name;
mod not_concurrent;
mod offload;
mod open_error;
mod pass;
mod phase;
mod reading;
mod report;
#[cfg(feature = "report")]
mod report_file;
mod run;
mod scope;
mod shared;
mod site;
mod sync;
mod task;
pub mod testing;

#[cfg(any(doc, doctest))]
#[doc = include_str!("../docs/ADOPTING.md")]
pub mod adopting {}

pub use attach::Attached;
pub use builder::ScopeBuilder;
#[doc = include_str!("../docs/concurrency_probe.md")]
///
pub use concurrency_probe_macros::concurrency_probe;
#[doc = include_str!("../docs/must_run_parallel.md")]
///
pub use concurrency_probe_macros::must_run_parallel;
pub use handle::ScopeHandle;
pub use lane::Lane;
pub use not_concurrent::NotConcurrent;
pub use offload::offload;
pub use open_error::OpenError;
pub use pass::Pass;
pub use phase::Phase;
pub use reading::Reading;
pub use report::{Finding, FindingKind, ItemSpan, PassReport, PhaseReport, ProbeReport, Report, Timeline};
pub use scope::Scope;

/// Probes a block or a closure: counts from here until the guard it returns is dropped.
///
/// What it counts, and where, is as for a synchronous function under
/// [`#[concurrency_probe]`](macro@concurrency_probe); the guard stays on its thread. Probes with the same name and
/// scope are one probe.
///
/// ```
/// use concurrency_probe::Scope;
///
/// let install = Scope::open("install");
/// install.run(|| {
///     let _probe = concurrency_probe::enter!("decode", scope = "install");
///     // counted as inside `decode` up to the end of the block
/// });
/// assert_eq!(install.reading("decode").calls(), 1);
/// ```
#[macro_export]
macro_rules! enter {
    ($name:literal, scope = $scope:literal $(,)?) => {{
        static SITE: $crate::__private::Site = $crate::__private::Site::new(
            $crate::__private::Kind::Sync,
            $scope,
            $name,
            true,
            ::core::file!(),
            ::core::line!(),
        );
        $crate::__private::enter(&SITE)
    }};
    ($($other:tt)*) => {
        ::core::compile_error!("expected `enter!(\"name\", scope = \"scope\")`, both of them string literals")
    };
}

/// Not public API. Used by generated code.
#[doc(hidden)]
pub mod __private {
    pub use crate::entry::{Entry, InFlight, Polling, enter, enter_async};
    pub use crate::site::{Kind, Site};
}

/// Locks a mutex; what a panicking holder left behind is still valid, as no lock here is held over foreign code.
fn lock<T: ?Sized>(mutex: &std::sync::Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Prints a warning, where a test harness captures it. A standard error that is closed makes `eprintln` panic, and is
/// no reason to fail.
fn warn(message: std::fmt::Arguments<'_>) {
    let print = std::panic::AssertUnwindSafe(|| eprintln!("warning: concurrency-probe: {message}"));
    let _ = std::panic::catch_unwind(print);
}
