#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod base;
mod book;
#[cfg(feature = "tracing")]
mod bridge;
mod call;
mod open;
pub mod testing;
mod verdict;
mod work;

#[cfg(any(doc, doctest))]
// Of two definitions of a link the first one counts: the file's own is for those who read it as a file.
#[doc = "[e0061]: crate::must_run_parallel#when-you-read-e0061-for-the-first-time\n\n"]
#[doc = include_str!("../docs/ADOPTING.md")]
pub mod adopting {}

#[cfg(feature = "report")]
pub use book::live::{Live, LiveProbe, LiveScope};
pub use book::report::{
    BatchReport, Finding, FindingKind, PassKind, PassReport, PhaseReport, ProbeReport, Report,
};
pub use book::timeline::{Span, SpanKind, ThreadName, Timeline};
#[doc = include_str!("../docs/concurrency_probe.md")]
///
pub use concurrency_probe_macros::concurrency_probe;
#[doc = include_str!("../docs/must_run_parallel.md")]
///
pub use concurrency_probe_macros::must_run_parallel;
pub use open::batch::Batch;
pub use open::builder::ScopeBuilder;
pub use open::handle::ScopeHandle;
pub use open::open_error::OpenError;
pub use open::phase::Phase;
pub use open::scope::Scope;
pub use verdict::batch_reading::BatchReading;
pub use verdict::not_concurrent::NotConcurrent;
pub use verdict::reading::Reading;
pub use work::attach::Attached;
pub use work::lane::Lane;
pub use work::offload::offload;
#[cfg(feature = "tokio")]
pub use work::offload_blocking::offload_blocking;
pub use work::pass::Pass;

#[cfg(feature = "tracing")]
pub mod tracing {
    #![doc = include_str!("../docs/tracing.md")]

    pub use crate::bridge::span_probes::SpanProbes;
}

#[cfg(feature = "metrics")]
pub mod metrics {
    #![doc = include_str!("../docs/metrics.md")]

    pub use crate::open::gauges::publish;
}

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
    pub use crate::call::entry::{Entry, enter};
    pub use crate::call::future_entry::{
        EnterAsync, InFlight, InFlightPolls, Polling, enter_async, enter_polls,
    };
    pub use crate::call::key::Kind;
    pub use crate::call::site::Site;
}
