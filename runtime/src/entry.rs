//! Entering and leaving a probe.

use crate::context::Context;
use crate::gauge::Gauge;
use crate::inside;
use crate::name::Name;
use crate::shared::Shared;
use crate::site::{Key, Site};
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Guards are neither `Send` nor `Sync`, and this is the name that the compiler gives as the reason.
enum CountsItsThread {}

/// How many scopes are open in this process.
static LIVE: AtomicUsize = AtomicUsize::new(0);

/// A scope opens. Relaxed is enough for the same reason as in [`Name::is_live`](crate::name::Name::is_live).
pub(crate) fn scope_opened() {
    LIVE.fetch_add(1, Ordering::Relaxed);
}

pub(crate) fn scope_closed() {
    LIVE.fetch_sub(1, Ordering::Relaxed);
}

#[inline]
fn any_scope_is_live() -> bool {
    LIVE.load(Ordering::Relaxed) != 0
}

/// A call that is inside a probe, counted until this is dropped.
///
/// It stays on its thread, because the thread is what it counts.
///
/// Not public API. Used by generated code and by [`enter!`](crate::enter).
#[must_use = "the call is counted only while this guard lives: bind it to a name, `_` drops it at once"]
pub struct Entry {
    gauge: Option<&'static Gauge>,
    _on_this_thread: PhantomData<*const CountsItsThread>,
}

/// Counts a synchronous call.
///
/// Not public API. Used by generated code.
#[inline]
pub fn enter(site: &'static Site) -> Entry {
    if any_scope_is_live() { enter_live(site) } else { Entry { gauge: None, _on_this_thread: PhantomData } }
}

fn enter_live(site: &'static Site) -> Entry {
    let counted = claim(site, |gauge| {
        let polls = inside::enter(gauge, false, |first| gauge.enter_sync(first));
        (gauge, polls)
    });
    let Some((gauge, polls)) = counted else { return Entry { gauge: None, _on_this_thread: PhantomData } };
    // The guard exists first, so that a panic under `strict` leaves the count at rest.
    let entry = Entry { gauge: Some(gauge), _on_this_thread: PhantomData };
    if polls {
        entered_in_poll(site, gauge);
    }
    if gauge.is_held() {
        hold(site, gauge);
    }
    entry
}

impl Drop for Entry {
    #[inline]
    fn drop(&mut self) {
        if let Some(gauge) = self.gauge {
            exit_live(gauge);
        }
    }
}

/// Not inlined, like `enter_live`: the probed function pays for a load, a branch and two calls, and no more code.
fn exit_live(gauge: &'static Gauge) {
    inside::exit(gauge, false, |last| gauge.exit_sync(last));
}

/// A future in flight, counted until this is dropped, on whatever thread that is.
///
/// Not public API. Used by generated code.
#[must_use = "the future is counted only while this guard lives"]
pub struct InFlight {
    gauge: Option<&'static Gauge>,
}

/// Counts a future that is polled for the first time.
///
/// Not public API. Used by generated code.
#[inline]
pub fn enter_async(site: &'static Site) -> InFlight {
    let count = |gauge: &'static Gauge| {
        gauge.enter_async();
        gauge
    };
    InFlight { gauge: if any_scope_is_live() { claim(site, count) } else { None } }
}

impl InFlight {
    /// Counts one poll of the future.
    #[inline]
    pub fn poll(&self) -> Polling {
        let polling = Polling { gauge: self.gauge, _on_this_thread: PhantomData };
        if let Some(gauge) = self.gauge {
            inside::enter(gauge, true, |first| {
                if first {
                    gauge.enter_poll();
                }
            });
            after_poll_entry(gauge);
        }
        polling
    }
}

impl Drop for InFlight {
    #[inline]
    fn drop(&mut self) {
        if let Some(gauge) = self.gauge {
            gauge.exit_async();
        }
    }
}

/// A thread that polls, counted until this is dropped.
///
/// Not public API. Used by generated code.
#[must_use = "the poll is counted only while this guard lives"]
pub struct Polling {
    gauge: Option<&'static Gauge>,
    _on_this_thread: PhantomData<*const CountsItsThread>,
}

impl Drop for Polling {
    #[inline]
    fn drop(&mut self) {
        if let Some(gauge) = self.gauge {
            inside::exit(gauge, true, |last| {
                if last {
                    gauge.exit_poll();
                }
            });
        }
    }
}

macro_rules! guards {
    ($($guard:ident)+) => {$(
        // The count of a probed function ends on unwind like on return, so the guard changes nothing of what the
        // function or its future was.
        impl std::panic::UnwindSafe for $guard {}
        impl std::panic::RefUnwindSafe for $guard {}

        impl std::fmt::Debug for $guard {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($guard)).field("is_counted", &self.gauge.is_some()).finish()
            }
        }
    )+};
}

guards!(Entry InFlight Polling);

/// Counts an entry where it belongs, or as unattributed.
#[inline]
fn claim<R>(site: &'static Site, count: impl Fn(&'static Gauge) -> R) -> Option<R> {
    let (key, name) = site.registered();
    match Context::with_board(name, |board| count(board.gauge(key))) {
        Some(counted) => Some(counted),
        None => claim_without_context(site, key, name, count),
    }
}

/// For an entry on a thread where no scope of its name is current.
fn claim_without_context<R>(
    site: &'static Site,
    key: Key,
    name: &'static Name,
    count: impl Fn(&'static Gauge) -> R,
) -> Option<R> {
    let wide = name.with_wide(|board| count(board.gauge(key)));
    if wide.is_none() {
        site.count_unattributed(name);
    }
    wide
}

/// A call began on a thread that polls.
#[cold]
fn entered_in_poll(site: &'static Site, gauge: &'static Gauge) {
    let Some(poll) = inside::polling().and_then(Gauge::key) else { return };
    gauge.blocked().count(poll);
    if let Some(scope) = scope_of(site, gauge) {
        scope.on_entry_in_poll(poll, site);
    }
}

#[cold]
fn hold(site: &'static Site, gauge: &'static Gauge) {
    if let Some(scope) = scope_of(site, gauge) {
        scope.wait_in_hold(site.name(), gauge);
    }
}

/// A poll waits in a hold like a call does: the threads that poll at once are what `polls` counts.
#[inline]
fn after_poll_entry(gauge: &'static Gauge) {
    if gauge.is_held() {
        if let Some(site) = gauge.key().and_then(Site::of) {
            hold(site, gauge);
        }
    }
}

/// The scope whose gauge an entry of this site was just counted on.
fn scope_of(site: &'static Site, gauge: &'static Gauge) -> Option<Arc<Shared>> {
    let (key, name) = site.registered();
    let current = Context::with_current(|context| context.find(name).cloned()).flatten();
    current
        .or_else(|| name.with_wide(crate::board::Board::owner).flatten())
        .filter(|scope| scope.board().find(key).is_some_and(|counted| std::ptr::eq(counted, gauge)))
}
