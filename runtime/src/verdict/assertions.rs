//! The assertions on a reading.

use crate::verdict::check;
use crate::verdict::fault::Asked;
use crate::verdict::not_concurrent::NotConcurrent;
use crate::verdict::reading::Reading;

impl Reading {
    /// Asserts that at least `threads` threads were inside the probe at once, in every batch that has at least so many calls.
    ///
    /// Without [`hold`](crate::ScopeBuilder::hold) a correct program can read 1, when one worker finishes small items before
    /// another wakes. Under it each pass is held until they meet, and calls outside of passes are held again and again: what
    /// can overlap is green. A batch that is serialized is red, and so is a long serial stretch of one outside of passes.
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
    /// With what is known of the cause:
    ///
    /// - if the probe had fewer than `threads` calls, in all or in every batch;
    /// - if in a batch with at least `threads` calls so many threads were never inside at once;
    /// - if, under a hold, they never were in one of its passes with at least `threads` calls, or the calls of a long stretch outside
    ///   of passes followed one another alone;
    /// - if batches of one place with a label each had fewer calls each, and many together;
    /// - if a probe of this scope is held and was never entered, or this one is held for fewer threads;
    /// - if the probe is an async function without `polls`: its futures in flight are not threads;
    /// - if calls were unattributed and the scope is [strict](crate::ScopeBuilder::strict);
    /// - if `threads` is 0, which everything would satisfy.
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
        check::check(self, Asked::Threads(threads))
    }

    /// Asserts that at least `n` calls had begun and not ended at once, in every batch that has at least so many: for async
    /// functions, whose futures overlap without threads.
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
    /// As [`assert_concurrent`](Reading::assert_concurrent), of calls in flight in place of threads; an async function needs no
    /// `polls`.
    #[track_caller]
    pub fn assert_in_flight(&self, n: usize) {
        if let Err(why) = self.check_in_flight(n) {
            panic!("{why}");
        }
    }

    /// What [`assert_in_flight`](Reading::assert_in_flight) asserts, as a value.
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
    /// What is known of the cause, wherever `assert_in_flight` panics.
    pub fn check_in_flight(&self, n: usize) -> Result<(), NotConcurrent> {
        check::check(self, Asked::InFlight(n))
    }

    /// Asserts that in no batch more than `n` calls had begun and not ended at once. Two batches at once may have more together.
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
    /// If there were more, if the probe was never called, if `n` is 0, if a probe of this scope is held and was never entered, or if calls
    /// were unattributed and the scope is [strict](crate::ScopeBuilder::strict).
    #[track_caller]
    pub fn assert_at_most(&self, n: usize) {
        if let Err(why) = self.check_at_most(n) {
            panic!("{why}");
        }
    }

    /// What [`assert_at_most`](Reading::assert_at_most) asserts, as a value.
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
    /// What is known of the cause, wherever `assert_at_most` panics.
    pub fn check_at_most(&self, n: usize) -> Result<(), NotConcurrent> {
        check::check(self, Asked::AtMost(n))
    }
}
