//! `Books`: what a scope records while it runs, and the panics of a strict scope.

use crate::base::clock::{Instant, ns};
use crate::base::lock::lock;
use crate::book::batch::{Batch, BatchPlace};
use crate::book::findings::{Blocking, blocked_poll};
use crate::book::ledger::Ledger;
use crate::book::meter::{Measured, Meter};
use crate::book::report::Finding;
use crate::call::gauge::Gauge;
use crate::call::inside;
use crate::call::key::Key;
use crate::call::site::Site;
use crate::call::task_load;
use crate::work::findings::call_in_poll;
use std::panic::Location;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};

pub(crate) struct Books {
    is_strict: bool,
    /// Made when something is recorded. In a program that opens many scopes, most of them record nothing here.
    ledger: OnceLock<Box<Mutex<Ledger>>>,
    passes_under_way: AtomicU32,
    /// Whether two passes were under way at once.
    passes_overlapped: AtomicBool,
}

impl Books {
    pub(super) fn new(is_strict: bool) -> Self {
        Books {
            is_strict,
            ledger: OnceLock::new(),
            passes_under_way: AtomicU32::new(0),
            passes_overlapped: AtomicBool::new(false),
        }
    }

    pub(super) fn is_strict(&self) -> bool {
        self.is_strict
    }

    pub(super) fn ledger(&self) -> MutexGuard<'_, Ledger> {
        lock(self.ledger.get_or_init(Box::default))
    }

    pub(super) fn passes_overlapped(&self) -> bool {
        self.passes_overlapped.load(Ordering::Relaxed)
    }

    pub(crate) fn count(&self, name: &str, n: u64) {
        self.ledger().count(name, n);
    }

    /// A phase that began at `since` ends.
    pub(crate) fn phase(&self, name: &str, since: Instant) {
        self.ledger().phase(name, ns(since.elapsed()));
    }

    /// A pass begins. `Relaxed`, because it is read after the passes have ended.
    pub(super) fn pass_begins(&self) {
        if self.passes_under_way.fetch_add(1, Ordering::Relaxed) > 0 {
            self.passes_overlapped.store(true, Ordering::Relaxed);
        }
    }

    /// A pass ends. `stopped`: an error, a panic or a drop stopped it, so that the number of its items says nothing. `was_alone`: no other
    /// pass of its batch ran beside it.
    pub(super) fn pass_ends(
        &self,
        batch: &Arc<Batch>,
        threads: usize,
        measured: &Measured,
        stopped: bool,
        was_alone: bool,
    ) {
        self.passes_under_way.fetch_sub(1, Ordering::Relaxed);
        self.ledger().pass(batch, threads, measured, stopped, was_alone);
    }

    /// A scope of the same name was opened where this one is current.
    pub(crate) fn nested_scope(&self, at: &'static Location<'static>) {
        self.ledger().nested_scope(at);
    }

    /// The meter of the offloads of a batch.
    pub(super) fn offloads(&self, batch: &Arc<Batch>, threads: usize) -> Arc<Meter> {
        self.ledger().offloads(batch, threads)
    }

    /// In a strict scope, panics with the finding, except on a thread that is panicking already.
    fn insist(&self, finding: impl FnOnce(&Ledger) -> Option<Finding>) {
        if !self.is_strict || std::thread::panicking() {
            return;
        }
        // The lock is released before the panic.
        let finding = finding(&self.ledger());
        if let Some(finding) = finding {
            panic!("{finding}");
        }
    }

    /// A call of `probe` began inside a poll of `poll`. The gauges count it; here is only the panic.
    ///
    /// # Panics
    ///
    /// Under `strict`.
    pub(super) fn on_call_in_poll(&self, poll: Key, probe: Key) {
        if !self.is_strict {
            return;
        }
        if let (Some(poll), Some(probe)) = (Site::of(poll), Site::of(probe)) {
            self.insist(|_| Some(call_in_poll(probe, 1, poll.name())));
        }
    }

    /// A pass begins that blocks its thread until it ends. It is a finding if the task has other futures of `polls` probes in
    /// flight, because they must wait.
    ///
    /// # Panics
    ///
    /// Under `strict`, if it is a finding.
    pub(super) fn on_blocking_pass(&self, place: &BatchPlace) {
        let Some(poll) = inside::polling().and_then(Gauge::key).and_then(Site::of) else { return };
        if task_load::in_flight() <= inside::polls() {
            return;
        }
        self.ledger().pass_in_poll(place, poll.name());
        self.insist(|_| Some(blocked_poll(&Blocking::Pass(place), 1, poll.name())));
    }

    /// A pass at this place has ended.
    ///
    /// # Panics
    ///
    /// Under `strict`, if the passes there are degenerate.
    pub(super) fn on_pass_end(&self, place: &BatchPlace) {
        self.insist(|ledger| ledger.degenerate_at(place.at));
    }

    /// An offload of this batch has ended.
    ///
    /// # Panics
    ///
    /// Under `strict`, if the offloads of the batch follow one another.
    pub(super) fn on_offload_end(&self, batch: &Batch) {
        self.insist(|ledger| ledger.serial_offloads_of(batch));
    }

    /// A lane ran another stage. It has run `stages` now.
    ///
    /// # Panics
    ///
    /// Under `strict`, if there are too many.
    pub(super) fn on_stage(&self, at: &'static Location<'static>, stages: u64) {
        self.ledger().stage(at, stages);
        self.insist(|ledger| ledger.serial_lane_at(at));
    }
}
