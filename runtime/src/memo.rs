//! A memo: where this thread last found a gauge that is not among the first of its board.
//!
//! A board of many probes is a chain of chunks, each twice as large as the one before: the last of ten thousand is behind a dozen
//! of them, and to look through them each time would cost more than the count. A board with a place for every probe of the
//! program was rejected: each live scope would have it.

use crate::board::Board;
use crate::gauge::Gauge;
use crate::site::Key;
use std::cell::Cell;

/// How many are remembered: a power of two, as keys are places in a list, and neighbours then never share one.
const PLACES: usize = 64;

thread_local! {
    static FOUND: [Cell<Option<(&'static Board, &'static Gauge)>>; PLACES] = const { [const { Cell::new(None) }; PLACES] };
}

/// The gauge of a probe that is not among the first of its board.
pub(crate) fn gauge_beyond(board: &'static Board, key: Key) -> &'static Gauge {
    let remembered = FOUND.try_with(|found| {
        let place = &found[key.place() as usize % PLACES];
        match place.get() {
            // A gauge stays on its board, and keeps its probe until the board goes to another scope.
            Some((known, gauge)) if std::ptr::eq(known, board) && gauge.key() == Some(key) => gauge,
            _ => {
                let gauge = board.gauge_beyond(key);
                place.set(Some((board, gauge)));
                gauge
            }
        }
    });
    remembered.unwrap_or_else(|_| board.gauge_beyond(key))
}
