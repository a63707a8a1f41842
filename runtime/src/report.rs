//! `Report`: everything a scope knows, as data.

use std::collections::BTreeMap;
use std::fmt;

/// What a scope counted, timed and found, as plain data.
///
/// With the feature `report` it is serializable, and a closing scope appends it as one line of JSON to the file
/// named by the environment variable `CONCURRENCY_PROBE_REPORT`, or by
/// [`ScopeBuilder::report_to`](crate::ScopeBuilder::report_to). The field names are the JSON keys; keys may be
/// added, none changes its meaning. Durations are whole nanoseconds.
///
/// ```
/// use concurrency_probe::Scope;
///
/// let mut install = Scope::open("install");
/// install.count("warm", 3);
/// install.pass("warm").for_each(0..3, |_lane, _n| ());
///
/// let report = install.report();
/// assert_eq!(report.counts["warm"], 3);
/// assert_eq!(report.passes[0].completed, 3);
/// assert!(report.findings.is_empty());
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "report", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Report {
    /// The format: [`Report::SCHEMA`].
    pub schema: String,
    /// The scope's name.
    pub scope: String,
    /// From the opening of the scope to this report.
    pub wall_ns: u64,
    /// The metrics of this run, by name.
    pub counts: BTreeMap<String, u64>,
    /// The timed spans, summed by name, in the order in which they first ended.
    pub phases: Vec<PhaseReport>,
    /// The probes that were entered, or that nobody claimed, while the scope was open.
    pub probes: Vec<ProbeReport>,
    /// The passes, summed by label and place, in the order in which they first ended.
    pub passes: Vec<PassReport>,
    /// What is structurally wrong with the run.
    pub findings: Vec<Finding>,
}

impl Report {
    /// The name of the format, and its version.
    pub const SCHEMA: &'static str = "concurrency-probe/1";
}

/// A timed span of a [`Report`].
///
/// ```
/// # use concurrency_probe::Scope;
/// let install = Scope::open("install");
/// (0..2).for_each(|_| drop(install.phase("link")));
/// let phase = &install.report().phases[0];
/// assert_eq!((phase.name.as_str(), phase.times), ("link", 2));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "report", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct PhaseReport {
    /// Its name.
    pub name: String,
    /// The sum of its times.
    pub total_ns: u64,
    /// How often it ended.
    pub times: u64,
}

/// A probe of a [`Report`].
///
/// ```
/// # use concurrency_probe::{Scope, concurrency_probe};
/// # #[concurrency_probe(scope = "install")]
/// # fn unpack() {}
/// # let install = Scope::open("install");
/// install.run(unpack);
/// let probe = &install.report().probes[0];
/// assert_eq!((probe.name.as_str(), probe.calls, probe.max_concurrent), ("unpack", 1, Some(1)));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "report", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct ProbeReport {
    /// Its name.
    pub name: String,
    /// The source file, as the compiler names it.
    pub file: String,
    /// The line in that file.
    pub line: u32,
    /// Entries; first polls of an async function.
    pub calls: u64,
    /// Begun and not yet ended when the report was made.
    pub in_flight: u64,
    /// The most that were begun and not ended.
    pub max_in_flight: u64,
    /// The most threads that were inside at once; `None` for an async function without `polls`.
    pub max_concurrent: Option<u64>,
    /// Entries on threads where no scope of this name was current, since this scope was opened.
    pub unattributed: u64,
}

/// The passes of one label and place of a [`Report`].
///
/// ```
/// # use concurrency_probe::Scope;
/// let mut install = Scope::open("install");
/// install.pass("cold").for_each(0..996, |_lane, _slot| ());
/// let pass = &install.report().passes[0];
/// assert_eq!((pass.label.as_str(), pass.items, pass.max_items), ("cold", 996, 996));
/// assert_eq!(pass.levels_ns.iter().sum::<u64>(), pass.wall_ns);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "report", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct PassReport {
    /// The label given to [`Scope::pass`](crate::Scope::pass).
    pub label: String,
    /// The file of the call of [`Scope::pass`](crate::Scope::pass).
    pub file: String,
    /// The line of that call.
    pub line: u32,
    /// How many passes ran.
    pub passes: u64,
    /// Items handed to a lane, in all passes.
    pub items: u64,
    /// Items whose function returned, and not with an error.
    pub completed: u64,
    /// The most items of one pass.
    pub max_items: u64,
    /// The time from begin to end, summed over the passes.
    pub wall_ns: u64,
    /// The time threads spent in lanes, summed over threads and passes. Divided by `wall_ns` it is the effective
    /// parallelism.
    pub busy_ns: u64,
    /// The most threads that were in lanes of one pass at once.
    pub max_concurrent: u64,
    /// The threads of the pool.
    pub threads: u64,
    /// How long 0, 1, 2, .. threads were in lanes at once. The sum is `wall_ns`.
    pub levels_ns: Vec<u64>,
    /// Each item on its thread, under [`ScopeBuilder::timeline`](crate::ScopeBuilder::timeline).
    #[cfg_attr(feature = "report", serde(default, skip_serializing_if = "Option::is_none"))]
    pub timeline: Option<Timeline>,
}

impl PassReport {
    /// The effective parallelism, `busy_ns / wall_ns`: between 0 and the number of threads; 0 if no time passed.
    ///
    /// ```
    /// # use concurrency_probe::Scope;
    /// # let mut install = Scope::open("install");
    /// install.pass("sums").for_each(0..64, |_lane, _n| ());
    /// assert!(install.report().passes[0].effective_parallelism() >= 0.0);
    /// ```
    pub fn effective_parallelism(&self) -> f64 {
        if self.wall_ns == 0 {
            return 0.0;
        }
        #[expect(clippy::cast_precision_loss, reason = "2^53 ns are 104 days")]
        let ratio = self.busy_ns as f64 / self.wall_ns as f64;
        ratio
    }
}

/// The items of a pass over time. At most 65,536 spans for each pass are kept.
///
/// ```
/// # use concurrency_probe::Scope;
/// let mut install = Scope::builder("install").timeline().open();
/// install.pass("links").for_each(0..3, |_lane, _slot| ());
/// let report = install.report();
/// let timeline = report.passes[0].timeline.as_ref().unwrap();
/// assert_eq!((timeline.spans.len(), timeline.left_out), (3, 0));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "report", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Timeline {
    /// The items, in the order in which they ended.
    pub spans: Vec<ItemSpan>,
    /// Items that found no more room.
    pub left_out: u64,
}

/// An item of a [`Timeline`].
///
/// ```
/// # use concurrency_probe::Scope;
/// let mut install = Scope::builder("install").timeline().open();
/// install.pass("links").for_each(0..3, |_lane, _slot| ());
/// let report = install.report();
/// let timeline = report.passes[0].timeline.as_ref().unwrap();
/// assert!(timeline.spans.iter().all(|span| span.start_ns <= span.end_ns));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "report", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct ItemSpan {
    /// The worker's index in its pool.
    pub thread: u64,
    /// The beginning, since the pass began.
    pub start_ns: u64,
    /// The end, since the pass began.
    pub end_ns: u64,
}

/// Something that is structurally wrong with a run, at any speed.
///
/// ```
/// use concurrency_probe::{FindingKind, Scope};
///
/// let mut install = Scope::builder("install").threads(2).open();
/// for slot in 0..4 {
///     install.pass("cold").for_each([slot], |_lane, _slot| ());
/// }
/// let findings = install.report().findings;
/// assert_eq!(findings[0].kind, FindingKind::DegeneratePasses);
/// assert!(findings[0].message.contains("collect the items into one pass"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "report", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Finding {
    /// Which rule was broken.
    pub kind: FindingKind,
    /// The source file to look at: of the passes, of the inner scope, or of the call inside a poll.
    pub file: String,
    /// The line in that file.
    pub line: u32,
    /// What happened where, and what to do about it.
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind, self.message)
    }
}

/// The rule that a [`Finding`] is about.
///
/// ```
/// use concurrency_probe::FindingKind;
///
/// assert_eq!(FindingKind::NestedScope.to_string(), "nested_scope");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "report", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "report", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum FindingKind {
    /// At least four passes at one place in the source, none with more than one item, on a pool of more than one
    /// thread.
    DegeneratePasses,
    /// A scope was opened where a scope of the same name was current.
    NestedScope,
    /// A synchronous probe or a pass began on a thread that was inside a poll of a `polls` probe.
    BlockedPoll,
}

impl fmt::Display for FindingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            FindingKind::DegeneratePasses => "degenerate_passes",
            FindingKind::NestedScope => "nested_scope",
            FindingKind::BlockedPoll => "blocked_poll",
        })
    }
}
