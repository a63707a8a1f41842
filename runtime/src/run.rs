//! One pass under way: what its lanes share.

use crate::context::{Context, Current};
use crate::hold::{Hold, Token};
use crate::inside;
use crate::lane::{Ground, Lane};
use crate::lock;
use crate::meter::{Meter, Running};
use crate::shared::{PassPlace, Shared};
use std::cell::{Cell, OnceCell};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// A pass that has begun. It is booked in its scope when it is finished, at the latest when it is dropped.
pub(crate) struct Run {
    scope: Arc<Shared>,
    place: PassPlace,
    threads: usize,
    /// The scopes that are current in every lane: those of the thread that started the pass, and the pass's own.
    context: Context,
    meter: Meter,
    /// Set by an error, a panic, or the drop of the future that drives the pass: no further item starts.
    stop: AtomicBool,
    /// Until the pass is booked.
    open: Mutex<Option<Open>>,
}

struct Open {
    /// Tells a hold that a pass is under way.
    _under_way: Option<Token>,
}

impl Run {
    pub(crate) fn new(scope: &Arc<Shared>, place: PassPlace, threads: usize) -> Self {
        Run {
            context: Context::current().and(scope),
            meter: Meter::new(scope.has_timeline()),
            stop: AtomicBool::new(false),
            open: Mutex::new(Some(Open { _under_way: scope.hold().map(Hold::pass) })),
            scope: Arc::clone(scope),
            place,
            threads,
        }
    }

    /// No further item starts. Relaxed: it is a hint that nothing else depends on; results are ordered by the
    /// lock they are put under and by rayon's latches.
    pub(crate) fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// Books the pass, once. A pass that is driven by a future calls this at its end, because a worker may hold the
    /// run a moment longer.
    pub(crate) fn finish(&self) {
        let open = lock(&self.open).take();
        if open.is_some() {
            self.scope.book(&self.place, self.threads, &self.meter.finish(), self.is_stopped());
        }
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        self.finish();
    }
}

/// A run of items on one thread: a leaf of rayon's division, or one item of a stream.
///
/// Scopes are made current and the clock is read once for each leaf, so that an item costs little more than its
/// call.
pub(crate) struct Leaf<'run> {
    run: &'run Run,
    /// Whether an item is counted when it begins, and not with the others of the leaf at its end.
    counts_at_once: bool,
    items: Cell<u64>,
    completed: Cell<u64>,
    // In this order: the lane ends after its scopes were put away.
    /// From the beginning, because an iterator makes the first item (`par_iter().map(..)`) before the leaf sees it.
    _current: Current,
    /// What a lane does is no call of a future that this thread may be polling: the pass as a whole is.
    _no_poll: inside::NoPoll,
    /// From the first item on: a leaf without one was never in a lane.
    running: OnceCell<Running<'run>>,
}

impl<'run> Leaf<'run> {
    pub(crate) fn begin(run: &'run Run) -> Self {
        Leaf::new(run, false)
    }

    fn new(run: &'run Run, counts_at_once: bool) -> Self {
        Leaf {
            run,
            counts_at_once,
            items: Cell::new(0),
            completed: Cell::new(0),
            _current: run.context.enter(),
            _no_poll: inside::no_poll(),
            running: OnceCell::new(),
        }
    }

    /// A leaf of one item of a stream, whose pass may be booked while it runs.
    #[cfg(feature = "stream")]
    pub(crate) fn of_one(run: &'run Run) -> Self {
        Leaf::new(run, true)
    }

    /// Runs one item in a lane; `None` if the pass was stopped or the item failed. The first item that fails
    /// stops the pass.
    pub(crate) fn item<V, R>(
        &self,
        f: impl FnOnce(Lane<'_>) -> V,
        accept: impl FnOnce(V) -> Option<R>,
    ) -> Option<R> {
        if self.run.is_stopped() {
            return None;
        }
        if self.counts_at_once {
            self.run.meter.add(1, 0);
        } else {
            self.items.set(self.items.get() + 1);
        }
        self.running.get_or_init(|| self.run.meter.start());
        let stop = StopOnUnwind(self.run);
        let start = self.run.meter.timeline();
        let ground = Ground { context: &self.run.context, meter: Some(&self.run.meter) };
        let result = f(ground.lane());
        if let Some(start) = start {
            self.run.meter.span(start);
        }
        std::mem::forget(stop);
        let accepted = accept(result);
        match accepted {
            Some(_) => self.completed.set(self.completed.get() + 1),
            None => self.run.stop(),
        }
        accepted
    }
}

impl Drop for Leaf<'_> {
    fn drop(&mut self) {
        self.run.meter.add(self.items.get(), self.completed.get());
    }
}

/// Stops the pass when an item panics.
struct StopOnUnwind<'run>(&'run Run);

impl Drop for StopOnUnwind<'_> {
    fn drop(&mut self) {
        self.0.stop();
    }
}

#[cfg(test)]
mod tests {
    use super::Leaf;
    use crate::Scope;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    /// rayon stops by itself what it has not begun; what the run knows of it decides what is booked.
    #[test]
    fn an_item_that_fails_or_panics_stops_the_pass_and_one_that_does_not_lets_it_run() {
        let mut scope = Scope::open("leaf");
        let stops: [fn(&Leaf<'_>); 2] = [
            |leaf| assert_eq!(leaf.item(|_lane| 1, |_| None::<i32>), None),
            |leaf| {
                let panics = || leaf.item(|_lane| panic!("stop"), |()| Some(()));
                assert!(catch_unwind(AssertUnwindSafe(panics)).is_err());
            },
        ];
        for stop in stops {
            let run = scope.pass("items").begin();
            let leaf = Leaf::begin(&run);
            assert_eq!(leaf.item(|_lane| 1, Some), Some(1));
            assert!(!run.is_stopped());
            stop(&leaf);
            assert!(run.is_stopped());
            assert_eq!(leaf.item(|_lane| 1, Some), None);
        }
    }
}
