//! `InFlight`: counts a future, from its first poll until it is dropped.

use crate::call::entry::{CountsItsThread, any_scope_is_live, claim, hold_thread, holder_of, watched};
use crate::call::gauge::{Flight, Gauge};
use crate::call::host::Held;
use crate::call::inside::{self, Mark};
use crate::call::recorder::What;
use crate::call::recording::{self, Waiting};
use crate::call::site::Site;
use crate::call::task_load::Loaded;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

/// A future in flight. It is counted until this is dropped, on any thread.
///
/// Not public API. Used by generated code.
#[must_use = "the future is counted only while this guard lives"]
pub struct InFlight {
    flight: Option<&'static Flight>,
}

/// Counts a future that is polled for the first time. Keeps it pending for as long as a hold requires.
///
/// Not public API. Used by generated code.
#[inline]
pub fn enter_async<S: Fn() -> &'static Site + Unpin>(site: S) -> EnterAsync<S> {
    EnterAsync { site, held: None }
}

/// The beginning of a probed future.
///
/// Its size is one word, which every probed future has. A closure gives the site. It has no size, because it captures nothing.
///
/// Not public API. Used by generated code.
#[must_use = "futures do nothing unless polled"]
pub struct EnterAsync<S> {
    site: S,
    held: Option<Box<HeldBack>>,
}

/// A future that is in flight, and held.
struct HeldBack {
    /// A field before `in_flight`, so that the span of the wait ends before the span of the future.
    _waiting: Option<Waiting>,
    in_flight: InFlight,
    held: Box<dyn Held>,
}

/// It must not be polled again once it is ready, as a future of an `async` block. It would count another call.
impl<S: Fn() -> &'static Site + Unpin> Future for EnterAsync<S> {
    type Output = InFlight;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<InFlight> {
        if self.held.is_none() && !any_scope_is_live() {
            return Poll::Ready(InFlight { flight: None });
        }
        let site = (self.site)();
        poll_live(site, &mut self.held, cx)
    }
}

#[cold]
fn poll_live(
    site: &'static Site,
    held_back: &mut Option<Box<HeldBack>>,
    cx: &mut Context<'_>,
) -> Poll<InFlight> {
    let mut this = if let Some(this) = held_back.take() {
        this
    } else {
        let in_flight = InFlight::begin(site);
        let gauge = in_flight.gauge();
        let held = gauge.filter(|gauge| !gauge.is_not_held()).and_then(|gauge| {
            let (host, visit) = holder_of(site, gauge)?;
            host.hold_future(site.name(), gauge, visit)
        });
        let Some(held) = held else { return Poll::Ready(in_flight) };
        let waiting = gauge.and_then(|gauge| Waiting::begin(gauge, What::FutureWait));
        Box::new(HeldBack { _waiting: waiting, in_flight, held })
    };
    if this.held.poll(cx).is_pending() {
        *held_back = Some(this);
        return Poll::Pending;
    }
    Poll::Ready(this.in_flight)
}

impl InFlight {
    fn begin(site: &'static Site) -> Self {
        let count = |gauge: &'static Gauge| {
            gauge.enter_async();
            gauge.flight()
        };
        let flight = if any_scope_is_live() { claim(site, count) } else { None };
        let mut in_flight = InFlight { flight };
        if let Some(gauge) = in_flight.gauge().filter(|gauge| !gauge.is_plain()) {
            in_flight.flight = Some(recorded(gauge));
        }
        in_flight
    }

    #[inline]
    fn gauge(&self) -> Option<&'static Gauge> {
        self.flight.and_then(Flight::counted).map(|(gauge, _)| gauge)
    }
}

/// The flight of a future that was counted in a scope with a hold or a timeline.
#[cold]
fn recorded(gauge: &'static Gauge) -> &'static Flight {
    match recording::begin_of(gauge, What::Future) {
        Some(recording) => gauge.flight_at(recording.place()),
        None => gauge.flight(),
    }
}

impl Drop for InFlight {
    #[inline]
    fn drop(&mut self) {
        let Some(flight) = self.flight else { return };
        let Some((gauge, place)) = flight.counted() else { return };
        if let Some(place) = place {
            recording::end_of(gauge, place);
            flight.give_back();
        }
        // The last use of the gauge. From here on it may belong to another scope.
        gauge.exit_async();
    }
}

/// Counts a future that is polled for the first time, and whose polls are entries too.
///
/// Not public API. Used by generated code.
#[inline]
pub fn enter_polls(site: &'static Site) -> InFlightPolls {
    let in_flight = InFlight::begin(site);
    let loaded = in_flight.flight.map(|_| Loaded::begin());
    InFlightPolls { site, in_flight, _loaded: loaded }
}

/// A future in flight whose polls are entries.
///
/// Not public API. Used by generated code.
#[must_use = "the future is counted only while this guard lives"]
pub struct InFlightPolls {
    site: &'static Site,
    in_flight: InFlight,
    _loaded: Option<Loaded>,
}

impl InFlightPolls {
    /// Counts one poll of the future.
    #[inline]
    pub fn poll(&self) -> Polling {
        let Some(gauge) = self.in_flight.gauge() else {
            return Polling { counted: None, _on_this_thread: PhantomData };
        };
        let entered = inside::enter_poll(gauge);
        let mut polling = Polling { counted: Some((gauge, entered.mark)), _on_this_thread: PhantomData };
        if !gauge.is_plain() {
            polling.counted = Some((gauge, watched(gauge, entered.mark, What::Poll)));
            // A poll waits in a hold like a call, because `polls` counts the threads that poll at once.
            hold_thread(self.site, gauge);
        }
        polling
    }
}

/// A thread that polls, counted until this is dropped.
///
/// Not public API. Used by generated code.
#[must_use = "the poll is counted only while this guard lives"]
pub struct Polling {
    counted: Option<(&'static Gauge, Mark)>,
    _on_this_thread: PhantomData<*const CountsItsThread>,
}

impl Drop for Polling {
    #[inline]
    fn drop(&mut self) {
        if let Some((gauge, mark)) = self.counted {
            if let Some(place) = mark.place() {
                recording::end_of(gauge, place);
            }
            inside::exit_poll(gauge, mark.not_recorded());
        }
    }
}

macro_rules! guards {
    ($($guard:ident $(<$site:ident>)? ($guard_is:ident) => $is_counted:expr,)+) => {$(
        // The count ends on unwind as on return. So the guard does not change whether the probed function or its
        // future is unwind safe.
        impl $(<$site>)? std::panic::UnwindSafe for $guard $(<$site>)? {}
        impl $(<$site>)? std::panic::RefUnwindSafe for $guard $(<$site>)? {}

        impl $(<$site>)? std::fmt::Debug for $guard $(<$site>)? {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let $guard_is = self;
                f.debug_struct(stringify!($guard)).field("is_counted", &$is_counted).finish()
            }
        }
    )+};
}

guards! {
    EnterAsync<S>(entering) => entering.held.is_some(),
    InFlight(in_flight) => in_flight.flight.is_some(),
    InFlightPolls(polled) => polled.in_flight.flight.is_some(),
    Polling(polling) => polling.counted.is_some(),
}
