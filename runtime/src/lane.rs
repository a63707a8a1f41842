//! `Lane`: the proof of being inside a pass.

use crate::context::Context;
use crate::inside;
use crate::meter::Meter;
use std::marker::PhantomData;

/// Proof that the code that holds it runs inside a parallel pass.
///
/// Only a [`Pass`](crate::Pass), [`offload`](crate::offload()), [`Lane::join`] and
/// [`testing::with_lane`](crate::testing::with_lane) hand one out, each to a closure that must take a lane of *any*
/// lifetime. So a lane cannot be stored, returned, sent to another thread or kept by a future, and because it is
/// passed by value, one lane pays for one call of a function marked with
/// [`#[must_run_parallel]`](crate::must_run_parallel).
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
/// Outside of a pass there is no lane to give, so the call does not compile:
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
    ground: Ground<'lane>,
    _only_inside_its_pass: PhantomData<*const OnlyInsideItsPass>,
    /// Invariant: no place fits the lanes of two items.
    _of_one_lifetime: PhantomData<fn(&'lane ()) -> &'lane ()>,
}

/// What a lane stands on.
#[derive(Clone, Copy)]
pub(crate) struct Ground<'lane> {
    /// The scopes that are current in the lane.
    pub(crate) context: &'lane Context,
    /// The pass that measures it, if it is one's.
    pub(crate) meter: Option<&'lane Meter>,
}

/// A raw pointer is neither `Send` nor `Sync`, and its type is named in the error: of a lane that is sent, the compiler
/// says that "`*const OnlyInsideItsPass` cannot be sent between threads safely".
enum OnlyInsideItsPass {}

impl Lane<'_> {
    /// Runs two closures, potentially in parallel, each with a lane of its own: [`rayon::join`] for code that
    /// calls marked functions. The scopes that are current here are current in both.
    ///
    /// Use it rather than `rayon::join` inside a lane even where no marked function is called: a closure that
    /// another worker steals from a bare `join` has lost its scope.
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
        let ground = self.ground;
        // While this worker waits for a half, rayon may give it a job that is none of this lane's.
        let _base = Context::enter_base();
        rayon::join(|| ground.run(a), || ground.run(b))
    }
}

impl<'lane> Ground<'lane> {
    /// A lane. Not `Lane::new`, which the compiler would suggest to whoever tries to make one.
    pub(crate) fn lane(self) -> Lane<'lane> {
        Lane { ground: self, _only_inside_its_pass: PhantomData, _of_one_lifetime: PhantomData }
    }

    /// Runs `f` with a lane on this ground, on whatever thread this is.
    pub(crate) fn run<R>(self, f: impl for<'a> FnOnce(Lane<'a>) -> R) -> R {
        let _running = self.meter.map(Meter::start);
        let _current = self.context.enter();
        let _no_poll = inside::no_poll();
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
