//! `Lane`: proof that code runs inside a pass.

use crate::base::trace::SpanRef;
use crate::book::findings::MANY;
use crate::book::meter::Meter;
use crate::call::context::Context;
use crate::call::inside;
use crate::work::state::ScopeState;
use std::marker::PhantomData;
use std::panic::Location;

/// Proof that the code that holds it runs inside a parallel pass.
///
/// Only a [`Pass`](crate::Pass), [`offload`](crate::offload()) and `offload_blocking`, [`Lane::join`], [`Lane::stage`]
/// and [`testing::with_lane`](crate::testing::with_lane) create lanes. Each gives the lane to a closure that must take a lane of *any*
/// lifetime. So a lane cannot be stored, returned, sent to another thread or kept by a future. A lane is passed by value. So it is used up by
/// one call of a function that is marked with [`#[must_run_parallel]`](crate::must_run_parallel).
///
/// ```
/// use concurrency_probe::{Lane, Scope, must_run_parallel};
///
/// #[must_run_parallel]
/// fn square(_lane: Lane<'_>, n: u64) -> u64 {
///     n * n
/// }
///
/// let mut install = Scope::open("install");
/// assert_eq!(install.pass("squares").map(1..=3_u64, square), [1, 4, 9]);
/// ```
///
/// Outside of a pass there is no lane to pass, so the call does not compile:
///
/// ```compile_fail,E0061
/// # use concurrency_probe::{Lane, must_run_parallel};
/// # #[must_run_parallel]
/// # fn square(_lane: Lane<'_>, n: u64) -> u64 { n * n }
/// async fn in_a_future() -> u64 {
///     square(3)
/// }
/// ```
#[must_use = "a lane is the right to one call of a marked function: pass it on, or take it as `_`"]
pub struct Lane<'lane> {
    base: Base<'lane>,
    /// The number of stages that it has run.
    stages: u64,
    _only_inside_its_pass: PhantomData<*const OnlyInsideItsPass>,
    /// Makes the lifetime invariant, so that no variable can hold the lanes of two items.
    _of_one_lifetime: PhantomData<fn(&'lane ()) -> &'lane ()>,
}

/// The surroundings of a lane.
#[derive(Clone, Copy)]
pub(crate) struct Base<'lane> {
    /// The scopes that are current in the lane.
    pub(crate) context: &'lane Context,
    /// The meter of its pass or of its offloads. `None` outside of these.
    pub(crate) meter: Option<&'lane Meter>,
    /// The span of that pass.
    pub(crate) span: SpanRef<'lane>,
}

/// A raw pointer is neither `Send` nor `Sync`, and the compiler names its type in the error. If a lane is sent, the compiler
/// says: "`*const OnlyInsideItsPass` cannot be sent between threads safely".
enum OnlyInsideItsPass {}

impl Lane<'_> {
    /// Runs two closures, potentially in parallel, each with a lane of its own. It is [`rayon::join`] for code that
    /// calls marked functions. The scopes that are current here are current in both closures.
    ///
    /// Inside a lane, use it in place of `rayon::join` even if no marked function is called. If another worker steals a closure of
    /// `rayon::join`, the scope is not current in that closure.
    ///
    /// ```
    /// use concurrency_probe::{Lane, Scope};
    ///
    /// fn sum(lane: Lane<'_>, numbers: &[u64]) -> u64 {
    ///     if numbers.len() < 2 {
    ///         return numbers.iter().sum();
    ///     }
    ///     let (left, right) = numbers.split_at(numbers.len() / 2);
    ///     let (a, b) = lane.join(|lane| sum(lane, left), |lane| sum(lane, right));
    ///     a + b
    /// }
    ///
    /// let mut install = Scope::open("install");
    /// let sums = install.pass("sums").map(&[[1, 2, 3], [4, 5, 6]], |lane, numbers| sum(lane, numbers));
    /// assert_eq!(sums, [6, 15]);
    /// ```
    ///
    /// # Panics
    ///
    /// If a closure panics, with its payload, after both have ended.
    pub fn join<A, B, RA, RB>(self, a: A, b: B) -> (RA, RB)
    where
        A: for<'a> FnOnce(Lane<'a>) -> RA + Send,
        B: for<'b> FnOnce(Lane<'b>) -> RB + Send,
        RA: Send,
        RB: Send,
    {
        let base = self.base;
        let origin = inside::current_frame();
        // While this worker waits for a half, rayon may give it a job that does not belong to this lane.
        let _base = Context::enter_base();
        rayon::join(|| base.run(origin, a), || base.run(origin, b))
    }

    /// Runs one marked step of an item, and gives the lane back for the next step of the *same* item.
    ///
    /// Do not use it to run many items in one lane, because they would run one after another. More than four stages in one lane are a
    /// [finding](crate::FindingKind::SerialLane), and a panic in a [strict](crate::ScopeBuilder::strict) scope.
    ///
    /// ```
    /// use concurrency_probe::{Lane, Scope, must_run_parallel};
    ///
    /// #[must_run_parallel]
    /// fn unpack(_lane: Lane<'_>, package: u32) -> Vec<u32> {
    ///     vec![package; 3]
    /// }
    ///
    /// #[must_run_parallel]
    /// fn link(_lane: Lane<'_>, files: &[u32]) {
    ///     assert_eq!(files.len(), 3);
    /// }
    ///
    /// let mut install = Scope::open("install");
    /// install.pass("cold").for_each(0..9, |lane, package| {
    ///     let (files, lane) = lane.stage(|lane| unpack(lane, package));
    ///     link(lane, &files);
    /// });
    /// ```
    ///
    /// # Panics
    ///
    /// If the closure panics, with its payload. In a strict scope also when the fifth stage has ended.
    #[track_caller]
    pub fn stage<R>(mut self, step: impl for<'stage> FnOnce(Lane<'stage>) -> R) -> (R, Self) {
        let at = Location::caller();
        let result = step(self.base.lane());
        self.stages += 1;
        if self.stages > MANY {
            if let Some(scope) = ScopeState::innermost(self.base.context) {
                scope.books().on_stage(at, self.stages);
            }
        }
        (result, self)
    }
}

impl<'lane> Base<'lane> {
    /// A lane. It is not `Lane::new`, because the compiler would suggest that to a user who tries to make one.
    pub(crate) fn lane(self) -> Lane<'lane> {
        Lane { base: self, stages: 0, _only_inside_its_pass: PhantomData, _of_one_lifetime: PhantomData }
    }

    /// Runs `f` with a lane on this thread, for the piece of parallel work `origin`.
    pub(crate) fn run<R>(self, origin: u64, f: impl for<'a> FnOnce(Lane<'a>) -> R) -> R {
        let _running = self.meter.map(Meter::start);
        let _current = self.context.enter();
        let _frame = inside::begin_frame(origin);
        let _no_poll = inside::no_poll();
        let _span = self.span.enter();
        f(self.lane())
    }
}

// As for `Scope`.
impl std::panic::UnwindSafe for Lane<'_> {}
impl std::panic::RefUnwindSafe for Lane<'_> {}

impl std::fmt::Debug for Lane<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Lane")
    }
}
