// Of two definitions of a link the first one counts: README.md's own are for those who read it as a file.
// The docs stand alone, so they have the pictures in themselves.
#![doc = concat!("[picture-bug]: data:image/svg+xml;base64,", include_str!("../docs/images/bug.svg.base64"), "\n\n")]
#![doc = concat!("[picture-mended]: data:image/svg+xml;base64,", include_str!("../docs/images/mended.svg.base64"), "\n\n")]
#![doc = "[e0061]: macro@must_run_parallel#when-you-read-e0061-for-the-first-time\n\n"]
#![doc = "[adopting]: adopting\n\n[which-tool]: which_tool\n\n[keep]: adopting#keep-it-that-way\n\n"]
#![doc = "[gate]: https://docs.rs/concurrency-probe-gate\n\n[testbed]: #the-rooms\n\n"]
#![doc = "[architecture]: https://docs.rs/crate/concurrency-probe/latest/source/ARCHITECTURE.md\n\n"]
#![doc = "[proved]: https://docs.rs/crate/concurrency-probe/latest/source/ARCHITECTURE.md\n\n"]
#![doc = "[changelog]: https://docs.rs/crate/concurrency-probe/latest/source/CHANGELOG.md\n\n"]
#![doc = "[contributing]: #the-rooms\n\n"]
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
// If a link has two definitions, the first one counts. The definition in the file is for a reader of the file.
#[doc = "[e0061]: crate::must_run_parallel#when-you-read-e0061-for-the-first-time\n[which-tool]: crate::which_tool\n\n"]
#[doc = include_str!("../docs/ADOPTING.md")]
pub mod adopting {}

#[cfg(any(doc, doctest))]
// The same as for `adopting`.
#[doc = "[adopting-lock]: crate::adopting#probe-inside-the-lock\n[adopting-keep]: crate::adopting#keep-it-that-way\n\n"]
#[doc = include_str!("../docs/WHICH_TOOL.md")]
pub mod which_tool {}

#[cfg(any(doc, doctest))]
#[doc = include_str!("../docs/API.md")]
pub mod choosing {}

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

/// Probes a block or a closure: a call begins here, and ends when the returned guard is dropped.
///
/// It counts in the same way as [`#[concurrency_probe]`](macro@concurrency_probe) on a synchronous function. The guard cannot be sent to
/// another thread. Probes with the same name and scope are one probe. The name and the scope must be string literals.
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
#[cfg(not(feature = "off"))]
#[macro_export]
macro_rules! enter {
    ($name:literal, scope = $scope:literal $(,)?) => {{
        static SITE: $crate::__private::Site = $crate::__private::Sync.named_site($scope, $name);
        $crate::__private::enter(&SITE)
    }};
    ($($other:tt)*) => {
        ::core::compile_error!("expected `enter!(\"name\", scope = \"scope\")`, both of them string literals")
    };
}

/// With the feature `off`: a guard that counts nothing.
#[cfg(feature = "off")]
#[macro_export]
macro_rules! enter {
    ($name:literal, scope = $scope:literal $(,)?) => {
        $crate::__private::Entry::off($scope, $name)
    };
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
    pub use crate::call::key::Kind::{self, Async, Polls, Sync};
    pub use crate::call::site::Site;
}
