//! The memo of a thread: which gauge counts the calls of a site.
//!
//! Without the memo, each call asks whether the site is registered, which scope of its name is current, whether the board is a
//! ground, and where the gauge of the probe is. On a board of many probes the gauge may be behind a dozen chunks. None of these answers
//! changes until another context becomes current on the thread.
//!
//! Rejected: a board with a place for every probe of the program. Each live scope would have such a board.

use crate::call::board::Board;
use crate::call::gauge::Gauge;
use crate::call::key::Key;
use crate::call::site::Site;
use std::cell::Cell;

/// How many sites a thread remembers. A power of two.
const PLACES: usize = 64;

#[derive(Clone, Copy)]
struct Known {
    site: &'static Site,
    /// The number of the context for which it is true.
    context: u64,
    board: &'static Board,
    gauge: &'static Gauge,
}

/// What this thread remembers. It has no destructor, so that reading it is a load.
struct Memo {
    known: [Cell<Option<Known>>; PLACES],
    /// Counts the contexts that were current on this thread.
    context: Cell<u64>,
}

thread_local! {
    static MEMO: Memo = const {
        Memo { known: [const { Cell::new(None) }; PLACES], context: Cell::new(0) }
    };
}

impl Memo {
    /// Neighbours in memory have different places, because a site is larger than 64 bytes.
    #[inline]
    fn place(&self, site: &'static Site) -> &Cell<Option<Known>> {
        &self.known[std::ptr::from_ref(site).addr() / 64 % PLACES]
    }
}

/// The gauge that counts the calls of this site now, if this thread remembers it.
#[inline]
pub(crate) fn known(site: &'static Site) -> Option<&'static Gauge> {
    MEMO.with(|memo| match memo.place(site).get() {
        Some(known) if std::ptr::eq(known.site, site) && known.context == memo.context.get() => {
            Some(known.gauge)
        }
        _ => None,
    })
}

/// The gauge of the probe on this board. The thread remembers it until another context is current. If the board `changes` before that, it does not.
pub(crate) fn gauge(site: &'static Site, key: Key, board: &'static Board, changes: bool) -> &'static Gauge {
    MEMO.with(|memo| {
        let place = memo.place(site);
        let gauge = match place.get() {
            // A gauge stays on its board, and keeps its probe until the board goes to another scope.
            Some(known)
                if std::ptr::eq(known.site, site)
                    && std::ptr::eq(known.board, board)
                    && known.gauge.key() == Some(key) =>
            {
                known.gauge
            }
            _ => board.gauge(key),
        };
        // No context has the number 0 while a scope is current.
        let context = if changes { 0 } else { memo.context.get() };
        place.set(Some(Known { site, context, board, gauge }));
        gauge
    })
}

/// Another context is current on this thread. The thread forgets everything.
pub(crate) fn context_changed() {
    MEMO.with(|memo| memo.context.set(memo.context.get() + 1));
}
