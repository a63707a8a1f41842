//! A memo: which gauge the calls of a site are counted on, on this thread.
//!
//! To find it from the start is to ask whether the site is registered, which scope of its name is current, whether that is a
//! ground, and for the probe's place on the board, which in a board of many probes is behind a dozen chunks. All of it stays
//! as it is until another context becomes current on the thread.
//!
//! A board with a place for every probe of the program was rejected: each live scope would have it.

use crate::call::board::Board;
use crate::call::gauge::Gauge;
use crate::call::key::Key;
use crate::call::site::Site;
use std::cell::Cell;

/// How many sites are remembered: a power of two.
const PLACES: usize = 64;

#[derive(Clone, Copy)]
struct Known {
    site: &'static Site,
    /// The number of the context in which this is so.
    context: u64,
    board: &'static Board,
    gauge: &'static Gauge,
}

/// What this thread remembers. Without a destructor, so that reading it is a load.
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
    /// Neighbours in memory do not share a place, as a site is larger than 64 bytes.
    #[inline]
    fn place(&self, site: &'static Site) -> &Cell<Option<Known>> {
        &self.known[std::ptr::from_ref(site).addr() / 64 % PLACES]
    }
}

/// The gauge that calls of this site are counted on now, if it is known.
#[inline]
pub(crate) fn known(site: &'static Site) -> Option<&'static Gauge> {
    MEMO.with(|memo| match memo.place(site).get() {
        Some(known) if std::ptr::eq(known.site, site) && known.context == memo.context.get() => {
            Some(known.gauge)
        }
        _ => None,
    })
}

/// The probe's gauge on this board. Until another context is current it is known, unless the board `changes` before.
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

/// Another context is current on this thread: nothing is known any longer.
pub(crate) fn context_changed() {
    MEMO.with(|memo| memo.context.set(memo.context.get() + 1));
}
