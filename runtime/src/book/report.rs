//! `Report`: everything a scope knows, as data.

use crate::book::timeline::Timeline;
#[cfg(feature = "report")]
use crate::book::unique::unique;
use std::collections::BTreeMap;
use std::fmt;

/// What a scope counted, timed and found, as plain data, from [`ScopeHandle::report`](crate::ScopeHandle::report).
///
/// With the feature `report` it can be serialized, and a closing scope appends it as one line of JSON to the file that the environment
/// variable `CONCURRENCY_PROBE_REPORT` or `ScopeBuilder::report_to` names. The field names are the JSON keys. Later versions may add keys, and
/// do not change the meaning of a key. Durations are whole nanoseconds.
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
    /// The time from the opening of the scope to this report, in nanoseconds.
    pub wall_ns: u64,
    /// The metrics of this run, by name.
    #[cfg_attr(feature = "report", serde(default, deserialize_with = "unique"))]
    pub counts: BTreeMap<String, u64>,
    /// The timed spans, summed by name, in the order in which they first ended.
    #[cfg_attr(feature = "report", serde(default))]
    pub phases: Vec<PhaseReport>,
    /// The probes that were entered in the scope, or unattributed while it was open.
    #[cfg_attr(feature = "report", serde(default))]
    pub probes: Vec<ProbeReport>,
    /// The passes, summed by label and place, in the order in which they first ended; then the offloads, summed by label and place.
    #[cfg_attr(feature = "report", serde(default))]
    pub passes: Vec<PassReport>,
    /// What is structurally wrong with the run.
    #[cfg_attr(feature = "report", serde(default))]
    pub findings: Vec<Finding>,
    /// When calls, lanes, polls, phases and waits ran. `None` without [`ScopeBuilder::timeline`](crate::ScopeBuilder::timeline).
    #[cfg_attr(feature = "report", serde(default, skip_serializing_if = "Option::is_none"))]
    pub timeline: Option<Timeline>,
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
    /// The sum of its times, in nanoseconds.
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
    #[cfg_attr(feature = "report", serde(default))]
    pub file: String,
    /// The line in that file.
    #[cfg_attr(feature = "report", serde(default))]
    pub line: u32,
    /// Entries; first polls of an async function.
    pub calls: u64,
    /// Calls that had begun and not ended when the report was made.
    #[cfg_attr(feature = "report", serde(default))]
    pub in_flight: u64,
    /// The most calls that were in flight at once.
    pub max_in_flight: u64,
    /// The most threads that were inside at once. `None` for an async function without `polls`.
    #[cfg_attr(feature = "report", serde(default))]
    pub max_concurrent: Option<u64>,
    /// Entries on threads where no scope of this name was current, since this scope was opened.
    #[cfg_attr(feature = "report", serde(default))]
    pub unattributed: u64,
    /// Entries of a thread that was inside already, and began another job (of a pass, or an offload) while it waited.
    #[cfg_attr(feature = "report", serde(default))]
    pub stolen: u64,
    /// The counts of each batch. Their calls add up to `calls`. The peaks above are the highest peaks of the batches.
    #[cfg_attr(feature = "report", serde(default))]
    pub batches: Vec<BatchReport>,
}

/// The calls of one probe in one batch of a [`Report`].
///
/// ```
/// # use concurrency_probe::{Scope, concurrency_probe};
/// # #[concurrency_probe(scope = "install")]
/// # fn link() {}
/// let mut install = Scope::open("install");
/// install.pass("cold").for_each(0..996, |_lane, _slot| link());
/// let batch = &install.report().probes[0].batches[0];
/// assert_eq!((batch.label.as_str(), batch.calls), ("cold", 996));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "report", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct BatchReport {
    /// The label of the pass or of the handle's batch. Offloads have the label of the batch they were sent in, or else `offload` or
    /// `offload_blocking`. Empty for the calls outside of all batches.
    pub label: String,
    /// The source file in which the batch is made. For the calls outside of all batches: the file in which the scope was opened.
    #[cfg_attr(feature = "report", serde(default))]
    pub file: String,
    /// The line in that file.
    #[cfg_attr(feature = "report", serde(default))]
    pub line: u32,
    /// Entries; first polls of an async function.
    pub calls: u64,
    /// The most calls that were in flight at once.
    pub max_in_flight: u64,
    /// The most threads that were inside at once. `None` for an async function without `polls`.
    #[cfg_attr(feature = "report", serde(default))]
    pub max_concurrent: Option<u64>,
}

/// The passes of one label and place, or the offloads, of a [`Report`].
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
    /// Whether it is about passes or about offloads.
    #[cfg_attr(feature = "report", serde(default))]
    pub kind: PassKind,
    /// The label given to [`Scope::pass`](crate::Scope::pass). Offloads have the label of the batch they were sent in, or else `offload` or
    /// `offload_blocking`.
    pub label: String,
    /// The file of the call of [`Scope::pass`](crate::Scope::pass), or of [`offload`](crate::offload()).
    #[cfg_attr(feature = "report", serde(default))]
    pub file: String,
    /// The line of that call.
    #[cfg_attr(feature = "report", serde(default))]
    pub line: u32,
    /// How many passes, or how many offloads, ran.
    pub passes: u64,
    /// Items that were given to a lane, in all passes.
    pub items: u64,
    /// Items whose function returned without an error.
    pub completed: u64,
    /// The most items of one pass.
    pub max_items: u64,
    /// The time from begin to end in nanoseconds, summed over the passes. For offloads: the time in which at least one was under way.
    pub wall_ns: u64,
    /// The time that threads spent in lanes, in nanoseconds, summed over threads and passes. Divided by `wall_ns` it is the effective
    /// parallelism.
    pub busy_ns: u64,
    /// The processor time of the lanes in nanoseconds, summed over threads and passes. It is much less than `busy_ns` if lanes wait for one
    /// another. The system updates it every few milliseconds. `None` if the system does not tell it: only Linux does.
    #[cfg_attr(feature = "report", serde(default))]
    pub cpu_ns: Option<u64>,
    /// The most threads that were in lanes of one pass at once.
    pub max_concurrent: u64,
    /// The number of threads of the pool. 0 for offloads that run on tokio's blocking threads.
    pub threads: u64,
    /// For how many nanoseconds 0, 1, 2, .. threads were in lanes at once. The sum is `wall_ns`.
    #[cfg_attr(feature = "report", serde(default))]
    pub levels_ns: Vec<u64>,
}

impl PassReport {
    /// The effective parallelism, `busy_ns / wall_ns`. It is between 0 and the number of threads, and 0 if no time passed.
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

/// Which kind of parallel work a [`PassReport`] is about.
///
/// ```
/// # use concurrency_probe::{PassKind, Scope};
/// let mut install = Scope::open("install");
/// install.pass("links").for_each(0..3, |_lane, _slot| ());
/// assert_eq!(install.report().passes[0].kind, PassKind::Pass);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "report", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "report", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum PassKind {
    /// Passes of one label and place.
    #[default]
    Pass,
    /// Offloads of one place.
    Offload,
}

/// A fault in the structure of a run. It does not depend on how fast the machine is.
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
    /// The probe that was called inside a poll. `None` for all other findings.
    #[cfg_attr(feature = "report", serde(default, skip_serializing_if = "Option::is_none"))]
    pub probe: Option<String>,
    /// The source file to look at. It has the passes, the offloads, the stages, the opening of the inner scope, or the call inside a poll.
    #[cfg_attr(feature = "report", serde(default))]
    pub file: String,
    /// The line in that file.
    #[cfg_attr(feature = "report", serde(default))]
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
    /// At least four passes at one place in the source, and each had at most one item, on a pool with more than one
    /// thread.
    DegeneratePasses,
    /// A scope was opened where a scope of the same name was current.
    NestedScope,
    /// A synchronous probe began on a thread that was inside a poll of a `polls` probe. Or a pass began there, while other futures of
    /// `polls` probes of the same task were in flight.
    BlockedPoll,
    /// At least four offloads of one place, each sent after the one before it had ended, on a pool with more than one thread.
    SerialOffloads,
    /// More than four [stages](crate::Lane::stage) in one lane.
    SerialLane,
}

impl fmt::Display for FindingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            FindingKind::DegeneratePasses => "degenerate_passes",
            FindingKind::NestedScope => "nested_scope",
            FindingKind::BlockedPoll => "blocked_poll",
            FindingKind::SerialOffloads => "serial_offloads",
            FindingKind::SerialLane => "serial_lane",
        })
    }
}
