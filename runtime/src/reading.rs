//! `Reading`: what a probe read in a scope.

use crate::gauge::Counts;
use crate::hold::Outcome;
use crate::ledger::{PassRecord, plural};
use crate::not_concurrent::NotConcurrent;
use crate::report::Finding;
use crate::site::Kind;
use std::fmt;
use std::panic::Location;

/// What a probe read in one scope, at one moment.
///
/// A reading holds the calls of its own scope and nothing else. It is a copy: take another one to see what has
/// changed. After a pass, a join or the end of a `run` it is exact; taken while calls begin and end it is a
/// snapshot.
///
/// ```
/// use concurrency_probe::{Scope, concurrency_probe};
///
/// #[concurrency_probe(scope = "install")]
/// fn unpack(depth: u32) {
///     if depth > 0 {
///         unpack(depth - 1);
///     }
/// }
///
/// let install = Scope::open("install");
/// install.run(|| unpack(3));
///
/// let reading = install.reading("unpack");
/// assert_eq!(reading.calls(), 4);
/// assert_eq!(reading.in_flight(), 0);
/// assert_eq!(reading.max_in_flight(), 4);
/// assert_eq!(reading.max_concurrent(), Some(1)); // recursion is one thread
/// ```
#[derive(Clone)]
pub struct Reading {
    pub(crate) scope: &'static str,
    pub(crate) opened_at: &'static Location<'static>,
    pub(crate) probe: String,
    /// `None` if no probe of this name was ever entered.
    pub(crate) kind: Option<Kind>,
    pub(crate) place: Option<(&'static str, u32)>,
    pub(crate) counts: Counts,
    pub(crate) unattributed: u64,
    /// Of the scope's own pool, else of the largest that a pass ran on.
    pub(crate) pool_threads: Option<usize>,
    pub(crate) hold: Option<(usize, Outcome)>,
    /// Probes that are held and were never entered: names that may be misspelt.
    pub(crate) never_held: Vec<String>,
    pub(crate) passes: Vec<PassRecord>,
    pub(crate) findings: Vec<Finding>,
    /// The probes that were entered in the scope.
    pub(crate) others: Vec<&'static str>,
}

impl Reading {
    /// How often the probe was entered; for an async function, how many futures were polled at least once.
    ///
    /// ```
    /// # use concurrency_probe::{Scope, concurrency_probe};
    /// # #[concurrency_probe(scope = "install")]
    /// # fn unpack() {}
    /// # let install = Scope::open("install");
    /// install.run(|| (0..3).for_each(|_| unpack()));
    /// assert_eq!(install.reading("unpack").calls(), 3);
    /// ```
    pub fn calls(&self) -> u64 {
        self.counts.calls
    }

    /// How many calls had begun and not ended; for an async function, how many polled futures were alive. At most
    /// 134,217,727.
    ///
    /// ```
    /// # use concurrency_probe::Scope;
    /// # let install = Scope::open("install");
    /// install.run(|| {
    ///     let _probe = concurrency_probe::enter!("decode", scope = "install");
    ///     assert_eq!(install.reading("decode").in_flight(), 1);
    /// });
    /// assert_eq!(install.reading("decode").in_flight(), 0);
    /// ```
    pub fn in_flight(&self) -> usize {
        self.counts.in_flight
    }

    /// The most calls that had begun and not ended. It counts recursion, and says nothing of parallelism: a
    /// thousand futures in one `join_all` read 1000 while one of them runs.
    ///
    /// ```
    /// # use concurrency_probe::{Scope, concurrency_probe};
    /// #[concurrency_probe(scope = "install")]
    /// async fn fetch() {
    ///     tokio::task::yield_now().await;
    /// }
    ///
    /// let install = Scope::open("install");
    /// futures::executor::block_on(install.attach(futures::future::join_all((0..1000).map(|_| fetch()))));
    /// assert_eq!(install.reading("fetch").max_in_flight(), 1000);
    /// assert_eq!(install.reading("fetch").max_concurrent(), None);
    /// ```
    pub fn max_in_flight(&self) -> usize {
        self.counts.max_in_flight
    }

    /// The most distinct threads that were inside at once, at most 65,535. For an async function it is known only
    /// with `polls`, and then it is the threads that polled at once; else `None`.
    ///
    /// ```
    /// # use concurrency_probe::{Scope, concurrency_probe};
    /// # #[concurrency_probe(scope = "install")]
    /// # fn unpack() {}
    /// # let install = Scope::open("install");
    /// install.run(|| (0..3).for_each(|_| unpack()));
    /// assert_eq!(install.reading("unpack").max_concurrent(), Some(1));
    /// ```
    pub fn max_concurrent(&self) -> Option<usize> {
        (self.kind != Some(Kind::Async)).then_some(self.counts.max_threads)
    }

    /// Entries of this probe, since the scope was opened, on threads where no scope of its name was current.
    /// They are in nobody's reading. As nobody owns them, every open scope of the name sees them.
    ///
    /// ```
    /// # use concurrency_probe::{Scope, concurrency_probe};
    /// # #[concurrency_probe(scope = "install")]
    /// # fn unpack() {}
    /// # let install = Scope::open("install");
    /// unpack(); // outside of `run`
    /// assert_eq!(install.reading("unpack").unattributed(), 1);
    /// assert_eq!(install.reading("unpack").calls(), 0);
    /// ```
    pub fn unattributed(&self) -> u64 {
        self.unattributed
    }

    /// Asserts that at least `threads` threads were inside the probe at once.
    ///
    /// Without [`hold`](crate::ScopeBuilder::hold) a correct program can read 1, when one worker finishes small
    /// items before another wakes; under it the verdict is certain both ways.
    ///
    /// ```
    /// use concurrency_probe::{Lane, Scope, concurrency_probe, must_run_parallel};
    ///
    /// #[concurrency_probe(scope = "install")]
    /// #[must_run_parallel]
    /// fn link_slot(_lane: Lane<'_>, _slot: u32) {}
    ///
    /// let mut install = Scope::builder("install").hold("link_slot", 2).open();
    /// install.pass("cold").for_each(0..100, |lane, slot| link_slot(lane, slot));
    /// install.reading("link_slot").assert_concurrent(2);
    /// ```
    ///
    /// # Panics
    ///
    /// With what is known of the cause, if the probe was never called in the scope, if calls were unattributed, if
    /// the peak is lower than `threads`, if the probe is an async function without `polls` (its futures in
    /// flight are not threads), or if `threads` is 0, which everything would satisfy.
    #[track_caller]
    pub fn assert_concurrent(&self, threads: usize) {
        if let Err(why) = self.check_concurrent(threads) {
            panic!("{why}");
        }
    }

    /// What [`assert_concurrent`](Reading::assert_concurrent) asserts, as a value.
    ///
    /// ```
    /// use concurrency_probe::Scope;
    ///
    /// let install = Scope::open("install");
    /// let why = install.reading("link_slot").check_concurrent(2).unwrap_err();
    /// assert!(why.to_string().starts_with("`link_slot` was never called in scope `install`"));
    /// ```
    ///
    /// # Errors
    ///
    /// What is known of the cause, wherever `assert_concurrent` panics.
    pub fn check_concurrent(&self, threads: usize) -> Result<(), NotConcurrent> {
        NotConcurrent::check(self, threads)
    }
}

impl fmt::Display for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Reading { probe, scope, counts, .. } = self;
        write!(
            f,
            "`{probe}` in scope `{scope}`: {}, {} in flight, max_in_flight {}, max_concurrent ",
            plural(counts.calls, "call", "calls"),
            counts.in_flight,
            counts.max_in_flight,
        )?;
        match self.max_concurrent() {
            Some(threads) => write!(f, "{threads}")?,
            None => f.write_str("not known (async without `polls`)")?,
        }
        if self.unattributed > 0 {
            write!(f, ", {} unattributed", self.unattributed)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reading")
            .field("scope", &self.scope)
            .field("opened_at", &format_args!("{}", self.opened_at))
            .field("probe", &self.probe)
            .field("place", &self.place)
            .field("calls", &self.calls())
            .field("in_flight", &self.in_flight())
            .field("max_in_flight", &self.max_in_flight())
            .field("max_concurrent", &self.max_concurrent())
            .field("unattributed", &self.unattributed)
            .finish_non_exhaustive()
    }
}
