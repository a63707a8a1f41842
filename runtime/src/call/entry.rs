//! `Entry`: entering and leaving a probed function.

use crate::call::board::Board;
use crate::call::context::Context;
use crate::call::gauge::{Gauge, HoldState};
use crate::call::host::{Host, Visit};
use crate::call::inside::{self, Entered, Mark};
use crate::call::memo;
use crate::call::recorder::What;
use crate::call::recording::{self, Waiting};
use crate::call::site::Site;
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Makes guards neither `Send` nor `Sync`. The compiler names this type in its error.
pub(crate) enum CountsItsThread {}

/// How many scopes are open in this process.
static LIVE: AtomicUsize = AtomicUsize::new(0);

/// A scope opens. `Relaxed` is enough, for the same reason as in [`Name::is_live`](crate::call::name::Name::is_live).
pub(crate) fn scope_opened() {
    LIVE.fetch_add(1, Ordering::Relaxed);
}

pub(crate) fn scope_closed() {
    LIVE.fetch_sub(1, Ordering::Relaxed);
}

#[inline]
pub(crate) fn any_scope_is_live() -> bool {
    LIVE.load(Ordering::Relaxed) != 0
}

/// A call that is inside a probe, counted until this is dropped.
///
/// It stays on its thread, because it counts the thread.
///
/// Not public API. Used by generated code and by [`enter!`](crate::enter).
#[must_use = "the call is counted only while this guard lives: bind it to a name, `_` drops it immediately"]
pub struct Entry {
    counted: Option<(&'static Gauge, Mark)>,
    _on_this_thread: PhantomData<*const CountsItsThread>,
}

/// Counts a synchronous call.
///
/// Not public API. Used by generated code.
#[inline]
pub fn enter(site: &'static Site) -> Entry {
    if any_scope_is_live() { enter_live(site) } else { Entry { counted: None, _on_this_thread: PhantomData } }
}

impl Entry {
    /// A guard that counts nothing, of the same type: `drop(enter!(..))` trips no lint with the feature `off` either.
    ///
    /// Not public API. Used by [`enter!`](crate::enter).
    #[cfg(feature = "off")]
    #[inline]
    pub const fn off(_scope: &'static str, _name: &'static str) -> Self {
        Entry { counted: None, _on_this_thread: PhantomData }
    }
}

fn enter_live(site: &'static Site) -> Entry {
    let counted = claim(site, |gauge| (gauge, inside::enter_call(gauge)));
    let Some((gauge, entered)) = counted else {
        return Entry { counted: None, _on_this_thread: PhantomData };
    };
    if entered.in_poll | !gauge.is_plain() {
        return enter_watched(site, gauge, entered);
    }
    Entry { counted: Some((gauge, entered.mark)), _on_this_thread: PhantomData }
}

/// The rest of the entry of a call that is counted already and has more to do.
#[cold]
fn enter_watched(site: &'static Site, gauge: &'static Gauge, entered: Entered) -> Entry {
    let mark = watched(gauge, entered.mark, What::Call);
    // The guard is made first, so that the count goes down again if a strict scope panics.
    let entry = Entry { counted: Some((gauge, mark)), _on_this_thread: PhantomData };
    if entered.in_poll {
        entered_in_poll(site, gauge);
    }
    hold_thread(site, gauge);
    entry
}

impl Drop for Entry {
    #[inline]
    fn drop(&mut self) {
        if let Some((gauge, mark)) = self.counted {
            exit_live(gauge, mark);
        }
    }
}

/// Not inlined, like `enter_live`, so that the code of the probed function grows only by a load, a branch and two calls.
fn exit_live(gauge: &'static Gauge, mark: Mark) {
    match mark.place() {
        None => inside::exit_call(gauge, mark),
        Some(place) => exit_recorded(gauge, mark, place),
    }
}

#[cold]
fn exit_recorded(gauge: &'static Gauge, mark: Mark, place: u32) {
    recording::end_of(gauge, place);
    inside::exit_call(gauge, mark.not_recorded());
}

/// The mark of a call or a poll in a scope that has a hold or a timeline. It says where the call is recorded.
#[cold]
pub(crate) fn watched(gauge: &'static Gauge, mark: Mark, what: fn(u32) -> What) -> Mark {
    if !mark.can_be_recorded() {
        return mark;
    }
    recording::begin_of(gauge, what).map_or(mark, |recording| mark.recorded(recording.place()))
}

// The count ends on unwind as on return. So the guard does not change whether the probed function is unwind safe.
impl std::panic::UnwindSafe for Entry {}
impl std::panic::RefUnwindSafe for Entry {}

impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entry").field("is_counted", &self.counted.is_some()).finish()
    }
}

/// Counts an entry in its scope, or as unattributed.
#[inline]
pub(crate) fn claim<R>(site: &'static Site, count: impl Fn(&'static Gauge) -> R) -> Option<R> {
    match memo::known(site) {
        Some(gauge) => Some(count(gauge)),
        None => claim_anew(site, count),
    }
}

/// The same for a site whose gauge the thread does not remember in the current context.
#[cold]
fn claim_anew<R>(site: &'static Site, count: impl Fn(&'static Gauge) -> R) -> Option<R> {
    let (key, name) = site.registered();
    if let Some((board, changes)) = Context::board_of(name) {
        return Some(count(memo::gauge(site, key, board, changes)));
    }
    let wide = name.with_wide(|board| count(board.gauge(key)));
    if wide.is_none() {
        site.count_unattributed(name);
    }
    wide
}

/// A call began on a thread that is inside a poll.
#[cold]
fn entered_in_poll(site: &'static Site, gauge: &'static Gauge) {
    let Some(poll) = inside::polling().and_then(Gauge::key) else { return };
    gauge.blocked().count(poll);
    if let (Some((host, _)), Some(probe)) = (host_of(site, gauge), gauge.key()) {
        host.on_call_in_poll(poll, probe);
    }
}

/// Waits in the hold, if this probe is held.
#[cold]
pub(crate) fn hold_thread(site: &'static Site, gauge: &'static Gauge) {
    if gauge.is_not_held() {
        return;
    }
    if let Some((host, visit)) = holder_of(site, gauge) {
        let mut waiting = None;
        host.hold_thread(site.name(), gauge, visit, &mut || waiting = Waiting::begin(gauge, What::Wait));
    }
}

/// The scope that holds this probe, if one does. The name is looked up only by the first entries.
pub(crate) fn holder_of(site: &'static Site, gauge: &'static Gauge) -> Option<(Arc<dyn Host>, Visit)> {
    let found = host_of(site, gauge)?;
    if gauge.is_held() {
        return Some(found);
    }
    let holds = found.0.holds(site.name());
    gauge.set_held(if holds { HoldState::Held } else { HoldState::NotHeld });
    holds.then_some(found)
}

/// The scope whose gauge has just counted an entry of this site, and the batch and pass.
fn host_of(site: &'static Site, gauge: &'static Gauge) -> Option<(Arc<dyn Host>, Visit)> {
    let (key, name) = site.registered();
    let is_on = |board: &'static Board| board.find(key).is_some_and(|counted| std::ptr::eq(counted, gauge));
    let current = Context::with_current(|context| {
        context.find(name).map(|node| {
            let (board, visit) = node.counts_on();
            is_on(board).then(|| (Arc::clone(node.host()), visit))
        })
    });
    match current.flatten() {
        Some(found) => found,
        None => name.wide_host(is_on).map(|host| (host, Visit::default())),
    }
}
