//! `Timeline`: when things ran, as data.

/// When calls, lanes, polls, phases and waits ran, on one time axis: every time is since the scope opened.
///
/// At most 65,536 spans are kept for a scope, which takes 2 MiB of memory. The memory goes to the next scope that has a timeline, and is
/// not given back. What found no room is counted, and the time is kept when the first of it began. A span takes its room when it begins, so that a long
/// one is not lost because many short ones came after it, and what has not ended when the report is made ends there. The names of 256
/// threads are kept, 48 bytes of each, and 1,024 names of phases. 255 scopes that are open at once may have a timeline.
///
/// The span of a call lies inside of what is counted: the picture may show a little less overlap than the peaks of a reading, and never
/// more. Items of passes are there, and what runs in an offload only by its calls.
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
    /// Spans that found no more room.
    pub left_out: u64,
    /// When the first of them began, in nanoseconds since the scope opened: whatever began before is here. `None` if nothing was left out.
    #[cfg_attr(feature = "report", serde(default, skip_serializing_if = "Option::is_none"))]
    pub left_out_since_ns: Option<u64>,
    /// What ran, in the order in which it began.
    pub spans: Vec<Span>,
    /// The threads of the spans.
    pub threads: Vec<ThreadName>,
}

/// Something that took time, in a [`Timeline`].
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
    /// Whether it is a future in flight, from its first poll to its drop. It has no thread of its own: `thread` is the one that polled
    /// it first, and may have run anything else meanwhile.
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
