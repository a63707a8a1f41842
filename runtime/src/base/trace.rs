//! What a `tracing` subscriber is told. Without the feature `tracing` all of it is empty.
//!
//! Spans begin where passes, offloads and labelled batches do, and events are findings. A call of a probe tells nothing, so that
//! its cost does not depend on who listens.

#[cfg(feature = "tracing")]
pub(crate) use on::{Entered, Span, SpanRef, TARGET, finding};

#[cfg(not(feature = "tracing"))]
pub(crate) use off::{Entered, Span, SpanRef, finding};

/// Where something was written in the program, as a span or an event has it.
#[derive(Clone, Copy)]
#[cfg_attr(not(feature = "tracing"), expect(dead_code, reason = "nobody is told without the feature"))]
pub(crate) struct Place<'a> {
    pub(crate) scope: &'a str,
    pub(crate) file: &'a str,
    pub(crate) line: u32,
}

#[cfg(feature = "tracing")]
mod on {
    use super::Place;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use tracing::field::Empty;

    /// The target of all that this crate emits.
    pub(crate) const TARGET: &str = "concurrency_probe";

    /// A span that is open as long as this or a clone lives.
    #[derive(Clone)]
    pub(crate) struct Span(tracing::Span);

    impl Span {
        /// A pass begins on so many threads.
        pub(crate) fn pass(label: &str, place: Place<'_>, threads: usize) -> Self {
            let Place { scope, file, line } = place;
            Span(tracing::info_span!(
                target: TARGET, "pass", label, scope, file, line, threads,
                items = Empty, completed = Empty, max_concurrent = Empty, wall_ns = Empty, busy_ns = Empty
            ))
        }

        /// An offload of this kind is sent.
        pub(crate) fn offload(label: &str, place: Place<'_>, kind: &str) -> Self {
            let Place { scope, file, line } = place;
            Span(
                tracing::info_span!(target: TARGET, "offload", label, scope, file, line, kind, completed = Empty),
            )
        }

        /// A label is given to a handle.
        pub(crate) fn batch(label: &str, place: Place<'_>) -> Self {
            let Place { scope, file, line } = place;
            Span(tracing::info_span!(
                target: TARGET, "batch", label, scope, file, line,
                calls = Empty, max_in_flight = Empty, max_concurrent = Empty
            ))
        }

        /// The span is current on this thread until this is dropped.
        pub(crate) fn enter(&self) -> Entered<'_> {
            self.0.enter()
        }

        pub(crate) fn as_ref(&self) -> SpanRef<'_> {
            SpanRef(Some(self))
        }

        /// Writes down what was measured. A subscriber that panics does not get any further: this is called in destructors.
        pub(crate) fn measured<const N: usize>(&self, fields: [(&'static str, u64); N]) {
            let record = || {
                for (name, value) in fields {
                    self.0.record(name, value);
                }
            };
            let _ = catch_unwind(AssertUnwindSafe(record));
        }
    }

    pub(crate) type Entered<'a> = tracing::span::Entered<'a>;

    /// The span of a pass or an offload, as its lanes have it; or none.
    #[derive(Clone, Copy, Default)]
    pub(crate) struct SpanRef<'a>(Option<&'a Span>);

    impl<'a> SpanRef<'a> {
        /// The span is current on this thread until this is dropped.
        pub(crate) fn enter(self) -> Option<Entered<'a>> {
            self.0.map(Span::enter)
        }
    }

    /// A scope that closes has this finding. A subscriber that panics does not get any further, as for
    /// [`Span::measured`].
    pub(crate) fn finding(kind: &str, place: Place<'_>, message: &str) {
        let Place { scope, file, line } = place;
        let event = || tracing::warn!(target: TARGET, kind, scope, file, line, "{message}");
        let _ = catch_unwind(AssertUnwindSafe(event));
    }
}

#[cfg(not(feature = "tracing"))]
mod off {
    use super::Place;
    use std::marker::PhantomData;

    /// Nothing.
    #[derive(Clone)]
    pub(crate) struct Span;

    impl Span {
        pub(crate) fn pass(_label: &str, _place: Place<'_>, _threads: usize) -> Self {
            Span
        }

        pub(crate) fn offload(_label: &str, _place: Place<'_>, _kind: &str) -> Self {
            Span
        }

        #[expect(clippy::unused_self, reason = "as the span that there is with the feature")]
        pub(crate) fn enter(&self) -> Entered<'_> {
            Entered(PhantomData)
        }

        #[expect(clippy::unused_self, reason = "as the span that there is with the feature")]
        pub(crate) fn as_ref(&self) -> SpanRef<'_> {
            SpanRef(PhantomData)
        }

        #[expect(clippy::unused_self, reason = "as the span that there is with the feature")]
        pub(crate) fn measured<const N: usize>(&self, _fields: [(&'static str, u64); N]) {}
    }

    #[derive(Default)]
    pub(crate) struct Entered<'a>(PhantomData<&'a Span>);

    /// Nothing.
    #[derive(Clone, Copy, Default)]
    pub(crate) struct SpanRef<'a>(PhantomData<&'a Span>);

    impl<'a> SpanRef<'a> {
        pub(crate) fn enter(self) -> Entered<'a> {
            Entered(self.0)
        }
    }

    pub(crate) fn finding(_kind: &str, _place: Place<'_>, _message: &str) {}
}
