//! `BatchReading`: what a probe read in one batch.

use crate::book::batch::{Batch, BatchKind};
use crate::book::pass_record::PassRecord;
use crate::call::gauge::Counts;
use crate::verdict::hold::evidence::Evidence;
use std::fmt;
use std::sync::Arc;

/// What a probe read in one batch of its scope, from [`Reading::batches`](crate::Reading::batches).
///
/// A batch is one of these: the calls in the passes of one label and place; those in the offloads of one place; those of a
/// [`Batch`](crate::Batch); and all calls outside of these.
///
/// ```
/// use concurrency_probe::{Scope, concurrency_probe};
///
/// #[concurrency_probe(scope = "install")]
/// fn link() {}
///
/// let mut install = Scope::open("install");
/// install.pass("warm").for_each(0..312, |_lane, _slot| link());
/// install.run(|| (0..996).for_each(|_| link()));
/// let reading = install.reading("link");
/// let calls: Vec<(&str, u64)> = reading.batches().map(|batch| (batch.label(), batch.calls())).collect();
/// assert_eq!(calls, [("", 996), ("warm", 312)]);
/// ```
#[derive(Clone)]
pub struct BatchReading {
    pub(crate) batch: Arc<Batch>,
    pub(crate) counts: Counts,
    /// Whether the probe is an async function without `polls`. Then the number of threads is not known.
    pub(crate) is_async: bool,
    pub(crate) record: Option<PassRecord>,
    pub(crate) evidence: Option<Evidence>,
}

impl BatchReading {
    /// The label of the pass or of the [`Batch`](crate::Batch). Offloads have the label of the batch they were sent in, or else `offload` or
    /// `offload_blocking`. The label is empty for the calls outside of all batches.
    ///
    /// ```
    /// # use concurrency_probe::Scope;
    /// # let mut install = Scope::open("install");
    /// install.pass("cold").for_each(0..9, |_lane, _| drop(concurrency_probe::enter!("link", scope = "install")));
    /// let reading = install.reading("link");
    /// assert_eq!(reading.batches().next().unwrap().label(), "cold");
    /// ```
    pub fn label(&self) -> &str {
        &self.batch.place.label
    }

    /// The source file in which the batch is made, as the compiler names it. For the calls outside of all batches it is the file in which the
    /// scope was opened.
    ///
    /// ```
    /// # use concurrency_probe::Scope;
    /// # let mut install = Scope::open("install");
    /// # install.pass("cold").for_each(0..9, |_lane, _| drop(concurrency_probe::enter!("link", scope = "install")));
    /// # let reading = install.reading("link");
    /// println!("{}:{}", reading.batches().next().unwrap().file(), reading.batches().next().unwrap().line());
    /// ```
    pub fn file(&self) -> &str {
        self.batch.place.at.file()
    }

    /// The line in that file.
    ///
    /// ```
    /// # use concurrency_probe::Scope;
    /// # let mut install = Scope::open("install");
    /// # install.pass("cold").for_each(0..9, |_lane, _| drop(concurrency_probe::enter!("link", scope = "install")));
    /// # let reading = install.reading("link");
    /// assert!(reading.batches().next().unwrap().line() > 0);
    /// ```
    pub fn line(&self) -> u32 {
        self.batch.place.at.line()
    }

    /// How often the probe was entered in the batch. For an async function: how many futures were polled at least once.
    ///
    /// ```
    /// # use concurrency_probe::Scope;
    /// # let mut install = Scope::open("install");
    /// # install.pass("cold").for_each(0..9, |_lane, _| drop(concurrency_probe::enter!("link", scope = "install")));
    /// # let reading = install.reading("link");
    /// assert_eq!(reading.batches().next().unwrap().calls(), 9);
    /// ```
    pub fn calls(&self) -> u64 {
        self.counts.calls
    }

    /// The most calls of the batch that were in flight at once.
    ///
    /// ```
    /// # use concurrency_probe::Scope;
    /// # let install = Scope::open("install");
    /// install.run(|| {
    ///     let _outer = concurrency_probe::enter!("link", scope = "install");
    ///     let _inner = concurrency_probe::enter!("link", scope = "install");
    /// });
    /// assert_eq!(install.reading("link").batches().next().unwrap().max_in_flight(), 2);
    /// ```
    pub fn max_in_flight(&self) -> usize {
        self.counts.max_in_flight
    }

    /// The most distinct threads that were inside at once in the batch. `None` for an async function without `polls`.
    ///
    /// ```
    /// # use concurrency_probe::Scope;
    /// # let install = Scope::open("install");
    /// install.run(|| drop(concurrency_probe::enter!("link", scope = "install")));
    /// assert_eq!(install.reading("link").batches().next().unwrap().max_concurrent(), Some(1));
    /// ```
    pub fn max_concurrent(&self) -> Option<usize> {
        (!self.is_async).then_some(self.counts.max_threads)
    }

    /// The batch, in words.
    pub(crate) fn name(&self) -> String {
        let label = self.label();
        match self.batch.place.kind {
            BatchKind::Outside => "outside of any pass".into(),
            BatchKind::Pass | BatchKind::Labelled => format!("in batch `{label}`"),
            BatchKind::Offload => format!("in batch `{label}` (offloads at {})", self.batch.place.at),
        }
    }

    /// A line about it.
    pub(crate) fn summary(&self) -> String {
        let calls = crate::base::text::plural(self.calls(), "call", "calls");
        let what = match self.batch.place.kind {
            BatchKind::Outside => "outside of any pass".into(),
            _ => format!("batch `{}`", self.label()),
        };
        let peak = match self.max_concurrent() {
            Some(threads) => format!("max_concurrent {threads}"),
            None => format!("max_in_flight {}", self.max_in_flight()),
        };
        let record = match &self.record {
            Some(record) => format!(", {}", record.summary()),
            None if self.batch.place.kind == BatchKind::Labelled => format!(" ({})", self.batch.place.at),
            None => String::new(),
        };
        format!("{what}: {calls}, {peak}{record}")
    }
}

// As for `Scope`.
impl std::panic::UnwindSafe for BatchReading {}
impl std::panic::RefUnwindSafe for BatchReading {}

impl fmt::Debug for BatchReading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BatchReading")
            .field("label", &self.label())
            .field("at", &format_args!("{}", self.batch.place.at))
            .field("calls", &self.calls())
            .field("max_in_flight", &self.max_in_flight())
            .field("max_concurrent", &self.max_concurrent())
            .finish_non_exhaustive()
    }
}
