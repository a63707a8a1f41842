//! `Reading`: what a probe read in a scope.

use crate::base::text::plural;
use crate::call::gauge::Counts;
use crate::call::key::Kind;
use crate::verdict::batch_reading::BatchReading;
use crate::verdict::facts::Facts;
use std::fmt;

/// The counts of a probe in one scope at one moment, from [`ScopeHandle::reading`](crate::ScopeHandle::reading).
///
/// A reading has the calls of its own scope and no others. It is a copy: take another reading to see what has
/// changed. After the end of a pass, of a join or of a `run` it is exact. While calls begin and end it is a
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
    pub(crate) facts: Facts,
    batches: Vec<BatchReading>,
    /// The label of the batches that it is about. `None`: all batches.
    batch: Option<String>,
}

impl Reading {
    /// A reading of all batches in which the probe was entered.
    pub(crate) fn new(facts: Facts, batches: Vec<BatchReading>) -> Self {
        Reading { facts, batches, batch: None }
    }

    /// The sums and the highest peaks of all batches.
    fn counts(&self) -> Counts {
        let mut sum = Counts::default();
        for batch in &self.batches {
            let Counts { calls, in_flight, max_in_flight, max_threads, stolen } = batch.counts;
            sum.calls += calls;
            sum.in_flight += in_flight;
            sum.max_in_flight = sum.max_in_flight.max(max_in_flight);
            sum.max_threads = sum.max_threads.max(max_threads);
            sum.stolen += stolen;
        }
        sum
    }

    /// The label of the batches that this reading is about. `None`: all batches.
    pub(crate) fn batch_label(&self) -> Option<&str> {
        self.batch.as_deref()
    }

    /// The label that was asked for, if the scope has no batch with it.
    pub(crate) fn unknown_batch(&self) -> Option<&str> {
        let label = self.batch.as_deref()?;
        (!self.facts.labels.iter().any(|known| known == label)).then_some(label)
    }

    /// How often the probe was entered. For an async function: how many futures were polled at least once.
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
        self.counts().calls
    }

    /// How many calls had begun and not ended when the reading was taken. For an async function: how many futures that were polled at least
    /// once were not yet ready or dropped. At most 134,217,727.
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
        self.counts().in_flight
    }

    /// The most calls of one batch that were in flight at once. Recursive calls count. It does not tell how many ran in parallel: a
    /// thousand futures in one `join_all` read 1000, although one of them runs at a time.
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
        self.counts().max_in_flight
    }

    /// The most distinct threads that were inside at once in one batch, at most 65,535. For an async function with `polls`: the most threads that
    /// polled its futures at once. `None` for an async function without `polls`.
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
        (self.facts.kind != Some(Kind::Async)).then_some(self.counts().max_threads)
    }

    /// How often this probe was entered, since the scope was opened, on threads where no scope of its name was current.
    /// No reading counts these entries as calls. Every open scope of the name has the same number here.
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
        self.facts.unattributed.iter().sum()
    }

    /// How often a thread entered that was inside already, because it began another job (of a pass, or an offload) while it waited
    /// inside a `join`. If the function held a lock across the `join`, such an entry would wait for its own thread: a deadlock.
    ///
    /// ```
    /// # use concurrency_probe::{Scope, concurrency_probe};
    /// # #[concurrency_probe(scope = "install")]
    /// # fn unpack() {}
    /// # let mut install = Scope::open("install");
    /// install.pass("cold").for_each(0..3, |_lane, _package| unpack());
    /// assert_eq!(install.reading("unpack").stolen(), 0);
    /// ```
    pub fn stolen(&self) -> u64 {
        self.counts().stolen
    }

    /// The batches in which the probe was entered. First come the calls outside of all other batches, then the batches in the order in which
    /// the scope first met them. Their calls add up to [`calls`](Reading::calls). The peaks of the reading are the highest peaks of its batches.
    ///
    /// ```
    /// # use concurrency_probe::{Scope, concurrency_probe};
    /// # #[concurrency_probe(scope = "install")]
    /// # fn link() {}
    /// # let mut install = Scope::open("install");
    /// install.pass("warm").for_each(0..312, |_lane, _slot| link());
    /// install.pass("cold").for_each(0..996, |_lane, _slot| link());
    /// for batch in install.reading("link").batches() {
    ///     println!("{}: {} calls, at most {} in flight", batch.label(), batch.calls(), batch.max_in_flight());
    /// }
    /// ```
    pub fn batches(&self) -> impl ExactSizeIterator<Item = &BatchReading> {
        self.batches.iter()
    }

    /// The reading of the batches with this label. Assertions on it are about these batches only. An assertion fails if the scope has no
    /// batch of this label.
    ///
    /// ```
    /// # use concurrency_probe::{Scope, concurrency_probe};
    /// # #[concurrency_probe(scope = "install")]
    /// # fn link() {}
    /// # let mut install = Scope::open("install");
    /// install.pass("cold").for_each(0..996, |_lane, _slot| link());
    /// assert_eq!(install.reading("link").in_batch("cold").calls(), 996);
    /// ```
    #[must_use]
    pub fn in_batch(&self, label: &str) -> Reading {
        let batches = self.batches.iter().filter(|batch| batch.label() == label).cloned().collect();
        Reading { facts: self.facts.clone(), batches, batch: Some(label.into()) }
    }
}

// As for `Scope`.
impl std::panic::UnwindSafe for Reading {}
impl std::panic::RefUnwindSafe for Reading {}

impl fmt::Display for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Counts { calls, in_flight, max_in_flight, .. } = self.counts();
        write!(
            f,
            "`{}` in scope `{}`: {}, {in_flight} in flight, max_in_flight {max_in_flight}, max_concurrent ",
            self.facts.probe,
            self.facts.scope,
            plural(calls, "call", "calls"),
        )?;
        match self.max_concurrent() {
            Some(threads) => write!(f, "{threads}")?,
            None => f.write_str("not known (async without `polls`)")?,
        }
        if self.unattributed() > 0 {
            write!(f, ", {} unattributed", self.unattributed())?;
        }
        if self.stolen() > 0 {
            write!(f, ", {} stolen", self.stolen())?;
        }
        if self.batches.len() > 1 {
            for batch in &self.batches {
                write!(f, "\n  {}", batch.summary())?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reading")
            .field("scope", &self.facts.scope)
            .field("opened_at", &format_args!("{}", self.facts.opened_at))
            .field("probe", &self.facts.probe)
            .field("place", &self.facts.place)
            .field("calls", &self.calls())
            .field("in_flight", &self.in_flight())
            .field("max_in_flight", &self.max_in_flight())
            .field("max_concurrent", &self.max_concurrent())
            .field("unattributed", &self.unattributed())
            .field("stolen", &self.stolen())
            .field("batches", &self.batches)
            .finish_non_exhaustive()
    }
}
