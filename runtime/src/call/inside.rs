//! Per-thread list of entered gauges, so that recursion counts a thread once.
//!
//! The list has no destructor, and its first places are in the static storage of the thread. So an entry does not
//! allocate, and works also while the thread ends. The list grows only if a thread is inside more different probes at once
//! than the list has places.

use crate::call::gauge::Gauge;
use crate::call::key::Kind;
use std::cell::{Cell, RefCell};
use std::marker::PhantomData;
use std::sync::atomic::{AtomicU64, Ordering};

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
    /// The innermost piece of parallel work on this thread, or 0.
    frame: Cell<u64>,
    /// Gauges below this index were entered by a piece of work that waits now, while the thread runs another piece.
    foreign_from: Cell<usize>,
    /// Whether a piece of parallel work waits on this thread, while the thread runs another piece.
    on_top: Cell<bool>,
}

thread_local! {
    static LIST: List = const {
        List {
            places: [const { Cell::new(None) }; PLACES],
            taken: Cell::new(0),
            polls: Cell::new(0),
            frame: Cell::new(0),
            foreign_from: Cell::new(0),
            on_top: Cell::new(false),
        }
    };
    static OVERFLOW: RefCell<Vec<Inside>> = const { RefCell::new(Vec::new()) };
}

/// The thread on which a guard was made, whether that thread was outside of the gauge before, and, if the call is recorded, where.
///
/// It is one word: the address of the thread's list. The last two bits of the address are free, because the list is aligned to at least four bytes.
/// The upper 16 bits are the place of the span, if the call is recorded. A call is not recorded if the address needs more than the other 48 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark(u64);

const FIRST: u64 = 1;
const RECORDED: u64 = 2;
const PLACE_AT: u32 = 48;

impl Mark {
    #[inline]
    fn new(list: &List, first: bool) -> Self {
        Mark(address(list) | u64::from(first))
    }

    /// Whether the thread was outside before.
    pub(crate) fn is_first(self) -> bool {
        self.0 & FIRST != 0
    }

    /// Whether there is room for a place.
    pub(crate) fn can_be_recorded(self) -> bool {
        self.0 >> PLACE_AT == 0
    }

    /// The mark of a call that is recorded at this place.
    pub(crate) fn recorded(self, place: u32) -> Self {
        Mark(self.0 | RECORDED | u64::from(place) << PLACE_AT)
    }

    /// The same, without the place.
    pub(crate) fn not_recorded(self) -> Self {
        Mark(self.0 & ((1 << PLACE_AT) - 1) & !RECORDED)
    }

    /// The place of the span, if the call is recorded.
    #[inline]
    pub(crate) fn place(self) -> Option<u32> {
        (self.0 & RECORDED != 0).then_some((self.0 >> PLACE_AT) as u32)
    }

    #[inline]
    fn is_of(self, list: &List) -> bool {
        self.0 & !FIRST == address(list)
    }
}

#[inline]
fn address(list: &List) -> u64 {
    std::ptr::from_ref(list).addr() as u64
}

/// The result of [`enter`].
#[derive(Clone, Copy)]
pub(crate) struct Entered {
    pub(crate) mark: Mark,
    /// Whether the thread is inside a poll of a `polls` probe. It may be this probe.
    pub(crate) in_poll: bool,
}

/// Notes that this thread enters `gauge`. `polls`: by a poll. `count` counts the entry. Its argument is whether the thread was
/// outside before.
///
/// The list is written after the count, because an atomic operation would wait for the stores before it.
#[inline]
fn enter(list: &List, gauge: &'static Gauge, polls: bool, count: impl FnOnce(bool)) -> Entered {
    let taken = list.taken.get();
    if list.foreign_from.get() > 0 {
        look_for_theft(list, gauge);
    }
    let entered = |first| Entered { mark: Mark::new(list, first), in_poll: list.polls.get() != 0 };
    // From the back, because recursion enters the gauge that was entered last.
    for place in list.places[..taken].iter().rev() {
        match place.get() {
            Some(inside) if std::ptr::eq(inside.gauge, gauge) => {
                count(false);
                place.set(Some(Inside { gauge, depth: inside.depth + 1 }));
                note(list, polls, true);
                return entered(false);
            }
            _ => {}
        }
    }
    if taken == PLACES {
        let first = enter_beyond(list, gauge, polls);
        count(first);
        return entered(first);
    }
    count(true);
    list.places[taken].set(Some(Inside { gauge, depth: 1 }));
    list.taken.set(taken + 1);
    note(list, polls, true);
    entered(true)
}

/// A call of `gauge` begins on this thread.
#[inline]
pub(crate) fn enter_call(gauge: &'static Gauge) -> Entered {
    // The closure for `with` is small. A large one would not be inlined, and would get the list and its captures by pointers.
    #[inline(never)]
    fn enter_call(list: &List, gauge: &'static Gauge) -> Entered {
        enter(list, gauge, false, |first| gauge.enter_sync(first))
    }
    LIST.with(|list| enter_call(list, gauge))
}

/// A call of `gauge` ends on this thread, which may not be the one that it began on.
#[inline]
pub(crate) fn exit_call(gauge: &'static Gauge, mark: Mark) {
    #[inline(never)]
    fn exit_call(list: &List, gauge: &'static Gauge, mark: Mark) {
        exit(list, gauge, false, mark, |exit| match exit {
            Exit::Here { last } => gauge.exit_sync(last),
            Exit::Elsewhere => gauge.exit_elsewhere(mark.is_first()),
        });
    }
    LIST.with(|list| exit_call(list, gauge, mark));
}

/// A poll begins on this thread.
pub(crate) fn enter_poll(gauge: &'static Gauge) -> Entered {
    let count = |first| {
        if first {
            gauge.enter_poll();
        }
    };
    LIST.with(|list| enter(list, gauge, true, count))
}

/// A poll ends on this thread, which may not be the one that it began on.
pub(crate) fn exit_poll(gauge: &'static Gauge, mark: Mark) {
    let count = |exit| match exit {
        Exit::Here { last: true } => gauge.exit_poll(),
        Exit::Here { last: false } => {}
        Exit::Elsewhere => gauge.exit_poll_elsewhere(mark.is_first()),
    };
    LIST.with(|list| exit(list, gauge, true, mark, count));
}

/// The thread runs another piece of work while a piece waits. Counts the entry as stolen if the waiting piece is inside the same probe, in
/// any batch.
#[cold]
fn look_for_theft(list: &List, gauge: &Gauge) {
    let waiting = &list.places[..list.foreign_from.get().min(PLACES)];
    if waiting.iter().filter_map(Cell::get).any(|inside| inside.gauge.key() == gauge.key()) {
        gauge.count_stolen();
    }
}

/// How a call or a poll ends, for its gauge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Exit {
    /// On its own thread. `last`: the thread is outside now.
    Here { last: bool },
    /// On another thread than it began on.
    Elsewhere,
}

/// Notes that this thread leaves `gauge`. `count` counts the exit. Guards may be dropped in any order.
#[inline]
fn exit(list: &List, gauge: &'static Gauge, polls: bool, mark: Mark, count: impl FnOnce(Exit)) {
    if !mark.is_of(list) {
        return count(Exit::Elsewhere);
    }
    let taken = list.taken.get();
    for i in (0..taken).rev() {
        let place = &list.places[i];
        let Some(inside) = place.get() else { continue };
        if !std::ptr::eq(inside.gauge, gauge) {
            continue;
        }
        note(list, polls, false);
        if inside.depth > 1 {
            count(Exit::Here { last: false });
            place.set(Some(Inside { gauge, depth: inside.depth - 1 }));
            return;
        }
        // The last use of the gauge. From here on it may belong to another scope.
        count(Exit::Here { last: true });
        // Keeps the order, so that gauges that were entered before the present job stay below `foreign_from`.
        for next in i + 1..taken {
            list.places[next - 1].set(list.places[next].get());
        }
        list.places[taken - 1].set(None);
        list.taken.set(taken - 1);
        return;
    }
    count(exit_beyond(list, gauge, polls));
}

/// The piece of parallel work that this thread is in, or 0.
pub(crate) fn current_frame() -> u64 {
    LIST.with(|list| list.frame.get())
}

/// Whether this thread is in a piece of parallel work, while another piece waits below it on the stack.
pub(crate) fn is_on_top() -> bool {
    LIST.with(|list| list.on_top.get())
}

/// Begins a piece of parallel work on this thread. The piece was made inside the piece `origin`. If the thread is in another piece than that,
/// that other piece waits.
pub(crate) fn begin_frame(origin: u64) -> Frame {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    LIST.with(|list| {
        let before = list.frame.replace(NEXT.fetch_add(1, Ordering::Relaxed));
        let (foreign_before, on_top_before) = (list.foreign_from.get(), list.on_top.get());
        if before != 0 && before != origin {
            list.foreign_from.set(list.taken.get());
            list.on_top.set(true);
        }
        Frame { before, foreign_before, on_top_before, _on_this_thread: PhantomData }
    })
}

/// Ends a piece of parallel work.
pub(crate) struct Frame {
    before: u64,
    foreign_before: usize,
    on_top_before: bool,
    _on_this_thread: PhantomData<*const ()>,
}

impl Drop for Frame {
    fn drop(&mut self) {
        LIST.with(|list| {
            list.frame.set(self.before);
            list.foreign_from.set(self.foreign_before);
            list.on_top.set(self.on_top_before);
        });
    }
}

/// How many polls of `polls` probes this thread is in.
pub(crate) fn polls() -> u32 {
    LIST.with(|list| list.polls.get())
}

/// The `polls` probe whose poll this thread is inside. If there are several, the one that was entered last.
#[inline]
pub(crate) fn polling() -> Option<&'static Gauge> {
    LIST.with(|list| if list.polls.get() == 0 { None } else { find_polling(list) })
}

/// Until the guard is dropped, [`polling`] returns `None` on this thread.
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

/// Counts the polls that the thread is in. The caller knows whether it is a poll. Asking the gauge would be slower, because another thread may have its
/// cache line.
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
        // The storage of the thread is gone: it runs the destructors of its thread-local values, one after another.
        .unwrap_or(true)
}

#[cold]
fn exit_beyond(list: &List, gauge: &'static Gauge, polls: bool) -> Exit {
    OVERFLOW
        .try_with(|beyond| {
            let mut beyond = beyond.borrow_mut();
            let Some(i) = beyond.iter().position(|inside| std::ptr::eq(inside.gauge, gauge)) else {
                return Exit::Elsewhere;
            };
            note(list, polls, false);
            if beyond[i].depth > 1 {
                beyond[i].depth -= 1;
                return Exit::Here { last: false };
            }
            beyond.swap_remove(i);
            Exit::Here { last: true }
        })
        .unwrap_or(Exit::Elsewhere)
}
