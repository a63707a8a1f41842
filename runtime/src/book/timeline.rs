//! `Timeline`: when things ran, as data.

/// When calls, lanes, polls, phases and waits ran. All times are nanoseconds since the scope opened.
///
/// # Limits
///
/// - A scope keeps at most 65,536 spans, which take 2 MiB of memory. The next scope with a timeline uses this memory again. It is never given back to
///   the system.
/// - Spans beyond that are counted in [`left_out`](Timeline::left_out).
/// - A span takes its place when it begins. So a long span is not lost because many short ones follow it. A span that has not ended when the report
///   is made ends there.
/// - The names of 256 threads are kept, 48 bytes of each, and 1,024 names of phases.
/// - At most 255 scopes that are open at the same time can have a timeline.
///
/// The span of a call begins after the call is counted and ends before it is counted as ended. So a picture may show a little less overlap than the peaks
/// of a reading, and never more. Items of passes have spans. An offload has none itself, but the calls in it have.
///
/// ```
/// # use concurrency_probe::Scope;
/// let mut install = Scope::builder("install").timeline().open();
/// install.pass("links").for_each(0..3, |_lane, _slot| ());
/// let timeline = install.report().timeline.unwrap();
/// assert_eq!((timeline.spans.len(), timeline.left_out), (3, 0));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "report", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Timeline {
    /// The number of spans for which there was no more room.
    pub left_out: u64,
    /// When the first span that was left out began, in nanoseconds since the scope opened. All spans that began earlier are here. `None` if no span was
    /// left out.
    #[cfg_attr(feature = "report", serde(default, skip_serializing_if = "Option::is_none"))]
    pub left_out_since_ns: Option<u64>,
    /// The spans, in the order in which they began.
    pub spans: Vec<Span>,
    /// The threads of the spans.
    pub threads: Vec<ThreadName>,
}

/// One call, lane, phase, poll or wait of a [`Timeline`].
///
/// ```
/// # use concurrency_probe::{Scope, SpanKind};
/// let mut install = Scope::builder("install").timeline().open();
/// install.pass("links").for_each(0..3, |_lane, _slot| ());
/// let timeline = install.report().timeline.unwrap();
/// assert!(timeline.spans.iter().all(|span| span.kind == SpanKind::Lane && span.start_ns <= span.end_ns));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "report", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Span {
    /// What it is.
    pub kind: SpanKind,
    /// The label of a pass, the name of a phase or of a probe.
    pub name: String,
    /// The label of its batch; empty outside of all batches.
    pub batch: String,
    /// The number of its thread in [`Timeline::threads`].
    pub thread: u64,
    /// The beginning, in nanoseconds since the scope opened.
    pub start_ns: u64,
    /// The end, in nanoseconds since the scope opened.
    pub end_ns: u64,
    /// Whether it is a future in flight, from its first poll until it ended. A future has no thread of its own: `thread` is the thread that polled
    /// it first. That thread may have run other work in the meantime.
    #[cfg_attr(feature = "report", serde(default, skip_serializing_if = "std::ops::Not::not"))]
    pub is_future: bool,
}

/// What a [`Span`] is.
///
/// ```
/// # use concurrency_probe::{Scope, SpanKind};
/// let install = Scope::builder("install").timeline().open();
/// drop(install.phase("download"));
/// assert_eq!(install.report().timeline.unwrap().spans[0].kind, SpanKind::Phase);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "report", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "report", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum SpanKind {
    /// A call of a probe.
    Probe,
    /// An item of a pass, in its lane.
    Lane,
    /// A phase.
    Phase,
    /// A poll of a `polls` probe.
    Poll,
    /// The time for which a hold kept a call waiting.
    Wait,
}

/// A thread of a [`Timeline`].
///
/// ```
/// # use concurrency_probe::Scope;
/// let mut install = Scope::builder("install").threads(1).timeline().open();
/// install.pass("links").for_each(0..3, |_lane, _slot| ());
/// assert_eq!(install.report().timeline.unwrap().threads[0].name, "install-0");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "report", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct ThreadName {
    /// Its number.
    pub id: u64,
    /// Its name.
    pub name: String,
}
