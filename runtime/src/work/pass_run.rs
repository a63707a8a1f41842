//! `PassRun`: a pass that is under way, and the state that its lanes share.

use crate::base::lock::lock;
use crate::base::trace::{Entered, Span};
use crate::book::batch::Batch;
use crate::book::meter::{self, Meter, Running};
use crate::call::context::{Context, Current};
use crate::call::host::Visit;
use crate::call::inside;
#[cfg(feature = "stream")]
use crate::verdict::hold::tokens::OpenPass;
use crate::verdict::hold::tokens::PassUnderWay;
use crate::work::lane::{Base, Lane};
use crate::work::state::ScopeState;
use std::cell::{Cell, OnceCell};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// A pass that has begun. Its scope records it when it is finished, and at the latest when it is dropped.
pub(crate) struct PassRun {
    scope: Arc<ScopeState>,
    batch: Arc<Batch>,
    threads: usize,
    /// Whether a worker of the scope's own pool began it.
    is_nested: bool,
    /// The scopes that are current in every lane: those of the thread that started the pass, and the scope of the pass.
    context: Context,
    /// Tells at the end whether another pass of the batch ran beside it.
    begun: Option<u32>,
    /// The piece of parallel work that started the pass.
    origin: u64,
    /// Current in every lane.
    span: Span,
    meter: Meter,
    /// Set by an error, a panic, or the drop of the future that drives the pass: no further item starts.
    stop: AtomicBool,
    /// `None` once the pass is recorded.
    open: Mutex<Option<Open>>,
}

struct Open {
    /// Tells the hold that the pass is under way.
    under_way: Option<PassUnderWay>,
}

impl PassRun {
    pub(crate) fn new(scope: &Arc<ScopeState>, batch: &Arc<Batch>, threads: usize) -> Self {
        let meter = Meter::new();
        meter.begin();
        let visit = Visit { batch: batch.number, pass: meter.id() };
        scope.books().pass_begins();
        let is_nested = scope.own_pool().begins(batch, visit.pass);
        PassRun {
            context: scope.context_of_pass(&Context::current(), batch, visit.pass),
            origin: inside::current_frame(),
            span: Span::pass(&batch.place.label, batch.place.traced(scope.name().text()), threads),
            begun: batch.passes.begin(),
            stop: AtomicBool::new(false),
            open: Mutex::new(Some(Open { under_way: scope.hold().map(|hold| hold.pass(visit)) })),
            scope: Arc::clone(scope),
            batch: Arc::clone(batch),
            threads,
            is_nested,
            meter,
        }
    }

    /// The scopes that are current in its lanes.
    #[cfg(feature = "stream")]
    pub(crate) fn context(&self) -> &Context {
        &self.context
    }

    /// The span of the pass. It is closed when nobody has it any longer.
    #[cfg(feature = "stream")]
    pub(crate) fn span(&self) -> &Span {
        &self.span
    }

    /// Tells the hold that more calls may come than those of the lanes, until the token is dropped.
    #[cfg(feature = "stream")]
    pub(crate) fn keep_open(&self) -> Option<OpenPass> {
        self.scope.hold().map(|hold| hold.keep_open(self.visit()))
    }

    #[cfg(feature = "stream")]
    pub(crate) fn visit(&self) -> Visit {
        Visit { batch: self.batch.number, pass: self.meter.id() }
    }

    /// No further item starts. `Relaxed`, because it is a hint that nothing else depends on. Results are ordered by the
    /// lock that protects them and by rayon's latches.
    pub(crate) fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// Records the pass, once. A pass that is driven by a future calls this at its end, because a worker may own the
    /// run for a moment longer.
    pub(crate) fn finish(&self) {
        let Some(Open { under_way }) = lock(&self.open).take() else { return };
        self.meter.end();
        self.scope.own_pool().ends(&self.batch, self.meter.id(), self.is_nested);
        let was_alone = self.batch.passes.end(self.begun);
        let measured = self.meter.measured();
        self.scope.books().pass_ends(&self.batch, self.threads, &measured, self.is_stopped(), was_alone);
        if self.is_stopped() {
            under_way.iter().for_each(PassUnderWay::stopped);
        }
        // The hold judges the pass now.
        drop(under_way);
        self.span.measured([
            ("items", measured.items),
            ("completed", measured.completed),
            ("max_concurrent", measured.max_concurrent() as u64),
            ("wall_ns", meter::wall_ns(&measured.levels_ns)),
            ("busy_ns", meter::busy_ns(&measured.levels_ns)),
        ]);
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

impl Drop for PassRun {
    fn drop(&mut self) {
        self.finish();
    }
}

/// Items that run one after another on one thread: a leaf of rayon's division, or one item of a stream.
///
/// The scopes are made current and the clock is read once for each leaf. So an item costs little more than its
/// call.
pub(crate) struct Leaf<'run> {
    run: &'run PassRun,
    /// Whether an item is counted when it begins. Otherwise all items of the leaf are counted at its end.
    counts_immediately: bool,
    items: Cell<u64>,
    completed: Cell<u64>,
    // Fields are dropped in this order: first the scopes are no longer current, then the lane ends.
    /// Current from the beginning of the leaf, because an iterator (`par_iter().map(..)`) makes the first item before the leaf sees it.
    _current: Current,
    _frame: inside::Frame,
    /// Calls inside a lane are not reported as blocking the poll; the pass is.
    _no_poll: inside::NoPoll,
    _span: Entered<'run>,
    /// Set at the first item. A leaf without items was never in a lane.
    running: OnceCell<Running<'run>>,
}

impl<'run> Leaf<'run> {
    pub(crate) fn begin(run: &'run PassRun) -> Self {
        Leaf::new(run, false)
    }

    fn new(run: &'run PassRun, counts_immediately: bool) -> Self {
        Leaf {
            run,
            counts_immediately,
            items: Cell::new(0),
            completed: Cell::new(0),
            _current: run.context.enter(),
            _frame: inside::begin_frame(run.origin),
            _no_poll: inside::no_poll(),
            _span: run.span.enter(),
            running: OnceCell::new(),
        }
    }

    /// A leaf of one item of a stream. Its pass may be recorded while it runs.
    #[cfg(feature = "stream")]
    pub(crate) fn of_one(run: &'run PassRun) -> Self {
        Leaf::new(run, true)
    }

    /// Runs one item in a lane. `None` if the pass was stopped or the item failed. The first item that fails
    /// stops the pass.
    pub(crate) fn item<V, R>(
        &self,
        f: impl FnOnce(Lane<'_>) -> V,
        accept: impl FnOnce(V) -> Option<R>,
    ) -> Option<R> {
        if self.run.is_stopped() {
            return None;
        }
        if self.counts_immediately {
            self.run.meter.add(1, 0);
        } else {
            self.items.set(self.items.get() + 1);
        }
        self.running.get_or_init(|| self.run.meter.start());
        let stop = StopOnUnwind(self.run);
        let running = self.run.scope.timeline().and_then(|timeline| timeline.lane(self.run.batch.number));
        let base =
            Base { context: &self.run.context, meter: Some(&self.run.meter), span: self.run.span.as_ref() };
        let result = f(base.lane());
        drop(running);
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
struct StopOnUnwind<'run>(&'run PassRun);

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

    /// rayon does not begin further items by itself. The record of the pass depends on what the run knows, so that is tested here.
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
