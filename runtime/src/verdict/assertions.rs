//! The assertions on a reading.

use crate::verdict::check;
use crate::verdict::fault::Asked;
use crate::verdict::not_concurrent::NotConcurrent;
use crate::verdict::reading::Reading;

impl Reading {
    /// Asserts that in every batch with at least `threads` calls, at least `threads` threads were inside the probe at once.
    ///
    /// Without a [`hold`](crate::ScopeBuilder::hold) a correct program can read 1, because one worker may finish small items before
    /// another worker wakes. With a hold, each pass is held until its calls meet, and calls outside of passes are held again from time to
    /// time. A program whose calls can overlap is then green. A batch that is serialized is red. Outside of passes a long serial stretch of a batch is
    /// red too.
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
    /// The message names the likely causes and says what to do. It panics
    ///
    /// - if the probe had fewer than `threads` calls, in all or in every batch;
    /// - if `threads` threads were never inside at once in a batch with at least `threads` calls;
    /// - under a hold, if they never were in one pass of a batch, although that pass had at least `threads` calls;
    /// - under a hold, if many calls outside of passes followed one another, and each was alone;
    /// - if one place makes a label for each item, so that each batch has fewer than `threads` calls, and all of them together have many;
    /// - if a probe of this scope is held and was never entered, or if this probe is held for fewer than `threads`;
    /// - if the probe is an async function without `polls`, because its futures in flight are not threads;
    /// - if calls were unattributed and the scope is [strict](crate::ScopeBuilder::strict);
    /// - if `threads` is 0, because that would always hold.
    #[track_caller]
    pub fn assert_concurrent(&self, threads: usize) {
        if let Err(why) = self.check_concurrent(threads) {
            panic!("{why}");
        }
    }

    /// Checks what [`assert_concurrent`](Reading::assert_concurrent) asserts, and returns the reason as a value.
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
    /// The reason, in every case in which `assert_concurrent` panics.
    pub fn check_concurrent(&self, threads: usize) -> Result<(), NotConcurrent> {
        check::check(self, Asked::Threads(threads))
    }

    /// Asserts that in every batch with at least `n` calls, at least `n` calls were in flight at once.
    ///
    /// It is for async functions, whose futures overlap without threads.
    ///
    /// ```
    /// use concurrency_probe::{Scope, concurrency_probe};
    ///
    /// #[concurrency_probe(scope = "install")]
    /// async fn fetch(_package: u32) {}
    ///
    /// let install = Scope::builder("install").hold("fetch", 4).open();
    /// let all = futures::future::join_all((0..100).map(fetch));
    /// futures::executor::block_on(install.attach(all));
    /// install.reading("fetch").assert_in_flight(4);
    /// ```
    ///
    /// # Panics
    ///
    /// As [`assert_concurrent`](Reading::assert_concurrent), with calls in flight in place of threads. An async function needs no
    /// `polls`.
    #[track_caller]
    pub fn assert_in_flight(&self, n: usize) {
        if let Err(why) = self.check_in_flight(n) {
            panic!("{why}");
        }
    }

    /// Checks what [`assert_in_flight`](Reading::assert_in_flight) asserts, and returns the reason as a value.
    ///
    /// ```
    /// # use concurrency_probe::{Scope, concurrency_probe};
    /// # #[concurrency_probe(scope = "install")]
    /// # async fn fetch(_package: u32) {}
    /// let install = Scope::builder("install").hold("fetch", 4).open();
    /// futures::executor::block_on(install.attach(async {
    ///     for package in 0..8 {
    ///         fetch(package).await; // one after another
    ///     }
    /// }));
    /// assert!(install.reading("fetch").check_in_flight(4).unwrap_err().is_proven());
    /// ```
    ///
    /// # Errors
    ///
    /// The reason, in every case in which `assert_in_flight` panics.
    pub fn check_in_flight(&self, n: usize) -> Result<(), NotConcurrent> {
        check::check(self, Asked::InFlight(n))
    }

    /// Asserts that in no batch more than `n` calls were in flight at once. Two batches that run at the same time may have more than `n`
    /// together.
    ///
    /// ```
    /// # use concurrency_probe::{Scope, concurrency_probe};
    /// # #[concurrency_probe(scope = "install")]
    /// # fn unpack() {}
    /// let mut install = Scope::builder("install").threads(4).open();
    /// install.pass("unpack").for_each(0..100, |_lane, _package| unpack());
    /// install.reading("unpack").assert_at_most(4);
    /// ```
    ///
    /// # Panics
    ///
    /// - if more were in flight;
    /// - if the probe was never called;
    /// - if `n` is 0;
    /// - if a probe of this scope is held and was never entered;
    /// - if calls were unattributed and the scope is [strict](crate::ScopeBuilder::strict).
    #[track_caller]
    pub fn assert_at_most(&self, n: usize) {
        if let Err(why) = self.check_at_most(n) {
            panic!("{why}");
        }
    }

    /// Checks what [`assert_at_most`](Reading::assert_at_most) asserts, and returns the reason as a value.
    ///
    /// ```
    /// # use concurrency_probe::Scope;
    /// # let install = Scope::open("install");
    /// install.run(|| drop(concurrency_probe::enter!("link", scope = "install")));
    /// assert!(install.reading("link").check_at_most(1).is_ok());
    /// ```
    ///
    /// # Errors
    ///
    /// The reason, in every case in which `assert_at_most` panics.
    pub fn check_at_most(&self, n: usize) -> Result<(), NotConcurrent> {
        check::check(self, Asked::AtMost(n))
    }
}
