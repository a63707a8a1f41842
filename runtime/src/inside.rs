//! Which gauges a thread is inside of: what tells a second thread from a second entry of the same one.
//!
//! The list has no destructor and its first places are in the thread's static storage, so an entry neither
//! allocates nor runs into a thread that ends. Only a thread that is inside more different probes at once
//! than it has places for makes the list longer.

use crate::gauge::Gauge;
use crate::site::Kind;
use std::cell::{Cell, RefCell};
use std::marker::PhantomData;

const PLACES: usize = 32;

#[derive(Clone, Copy)]
struct Inside {
    gauge: &'static Gauge,
    depth: u32,
}

struct List {
    places: [Cell<Option<Inside>>; PLACES],
    taken: Cell<usize>,
    /// How many entries are polls of `polls` probes.
    polls: Cell<u32>,
}

thread_local! {
    static LIST: List = const {
        List { places: [const { Cell::new(None) }; PLACES], taken: Cell::new(0), polls: Cell::new(0) }
    };
    static OVERFLOW: RefCell<Vec<Inside>> = const { RefCell::new(Vec::new()) };
}

/// Notes that this thread enters `gauge`, by a poll if it `polls`, which `count` counts: it is told whether the thread was outside. Returns whether
/// the thread is in a poll of a `polls` probe, maybe of this one.
///
/// The list is written after the count: an atomic operation waits for the stores before it.
#[inline]
pub(crate) fn enter(gauge: &'static Gauge, polls: bool, count: impl FnOnce(bool)) -> bool {
    LIST.with(|list| {
        let taken = list.taken.get();
        // From the back: recursion enters what was entered last.
        for place in list.places[..taken].iter().rev() {
            match place.get() {
                Some(inside) if std::ptr::eq(inside.gauge, gauge) => {
                    count(false);
                    place.set(Some(Inside { gauge, depth: inside.depth + 1 }));
                    note(list, polls, true);
                    return list.polls.get() != 0;
                }
                _ => {}
            }
        }
        if taken == PLACES {
            count(enter_beyond(list, gauge, polls));
            return list.polls.get() != 0;
        }
        count(true);
        list.places[taken].set(Some(Inside { gauge, depth: 1 }));
        list.taken.set(taken + 1);
        note(list, polls, true);
        list.polls.get() != 0
    })
}

/// Notes that this thread leaves `gauge`, which `count` counts: it is told whether the thread is outside now. Guards may
/// be dropped in any order.
#[inline]
pub(crate) fn exit(gauge: &'static Gauge, polls: bool, count: impl FnOnce(bool)) {
    LIST.with(|list| {
        let taken = list.taken.get();
        for i in (0..taken).rev() {
            let place = &list.places[i];
            let Some(inside) = place.get() else { continue };
            if !std::ptr::eq(inside.gauge, gauge) {
                continue;
            }
            if inside.depth > 1 {
                note(list, polls, false);
                count(false);
                place.set(Some(Inside { gauge, depth: inside.depth - 1 }));
                return;
            }
            note(list, polls, false);
            // The last look at the gauge: from here on it may be another scope's.
            count(true);
            place.set(list.places[taken - 1].replace(None));
            list.taken.set(taken - 1);
            return;
        }
        count(exit_beyond(list, gauge, polls));
    });
}

/// The `polls` probe whose poll this thread is in, innermost of them as far as the order of entry tells.
#[inline]
pub(crate) fn polling() -> Option<&'static Gauge> {
    LIST.with(|list| if list.polls.get() == 0 { None } else { find_polling(list) })
}

/// Until it is dropped, this thread is in no poll that [`polling`] tells of.
pub(crate) fn no_poll() -> NoPoll {
    NoPoll { polls: LIST.with(|list| list.polls.replace(0)), _on_this_thread: PhantomData }
}

/// Puts the polls back.
pub(crate) struct NoPoll {
    polls: u32,
    _on_this_thread: PhantomData<*const ()>,
}

impl Drop for NoPoll {
    fn drop(&mut self) {
        LIST.with(|list| list.polls.set(list.polls.get() + self.polls));
    }
}

#[cold]
fn find_polling(list: &List) -> Option<&'static Gauge> {
    let is_poll = |inside: &Inside| inside.gauge.kind() == Some(Kind::Polls);
    let beyond = OVERFLOW
        .try_with(|beyond| beyond.borrow().iter().rev().find(|inside| is_poll(inside)).copied())
        .ok()
        .flatten();
    beyond.or_else(|| list.places.iter().rev().filter_map(Cell::get).find(is_poll)).map(|inside| inside.gauge)
}

/// Notes whether the thread is in a poll. What the caller knows is not asked of the gauge, whose line another thread may have
/// taken meanwhile.
#[inline]
fn note(list: &List, polls: bool, enters: bool) {
    if polls {
        list.polls.set(if enters { list.polls.get() + 1 } else { list.polls.get().saturating_sub(1) });
    }
}

#[cold]
fn enter_beyond(list: &List, gauge: &'static Gauge, polls: bool) -> bool {
    OVERFLOW
        .try_with(|beyond| {
            let mut beyond = beyond.borrow_mut();
            if let Some(inside) = beyond.iter_mut().find(|inside| std::ptr::eq(inside.gauge, gauge)) {
                inside.depth += 1;
                note(list, polls, true);
                return false;
            }
            beyond.push(Inside { gauge, depth: 1 });
            note(list, polls, true);
            true
        })
        // A thread whose storage is gone runs destructors, one after another.
        .unwrap_or(true)
}

#[cold]
fn exit_beyond(list: &List, gauge: &'static Gauge, polls: bool) -> bool {
    OVERFLOW
        .try_with(|beyond| {
            let mut beyond = beyond.borrow_mut();
            let Some(i) = beyond.iter().position(|inside| std::ptr::eq(inside.gauge, gauge)) else {
                return true;
            };
            if beyond[i].depth > 1 {
                beyond[i].depth -= 1;
                note(list, polls, false);
                return false;
            }
            beyond.swap_remove(i);
            note(list, polls, false);
            true
        })
        .unwrap_or(true)
}
