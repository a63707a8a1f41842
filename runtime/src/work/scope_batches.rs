//! `ScopeBatches`: the batches of one scope, and the boards that their calls are counted on.

use crate::base::lock::lock;
use crate::book::batch::{Batch, BatchPlace, Batches};
use crate::call::board::Board;
use crate::call::gauge::Watch;
use crate::call::name::WideBoard;
use std::borrow::Cow;
use std::panic::Location;
use std::sync::{Arc, Mutex, PoisonError};

pub(super) struct ScopeBatches {
    /// The batch of the calls outside of all others.
    outside: Arc<Batch>,
    /// Whether the board of `outside` is a process-wide one of the name.
    board_is_wide: bool,
    /// Whether the scope holds a probe.
    has_hold: bool,
    /// The number of its recorder.
    recorder: u8,
    all: Mutex<Batches>,
}

impl ScopeBatches {
    pub(super) fn new(opened_at: &'static Location<'static>, wide: Option<&WideBoard>, watch: Watch) -> Self {
        let board = wide.map_or_else(Board::lease, WideBoard::board);
        board.set_watch(watch);
        let all = Batches::outside(opened_at, board);
        let outside = Arc::clone(&all.all()[0]);
        ScopeBatches {
            outside,
            board_is_wide: wide.is_some(),
            has_hold: watch.has_hold,
            recorder: watch.recorder,
            all: Mutex::new(all),
        }
    }

    pub(super) fn outside(&self) -> &Arc<Batch> {
        &self.outside
    }

    /// The batch of this place.
    pub(super) fn at(&self, place: BatchPlace) -> Arc<Batch> {
        lock(&self.all).find_or_add(place, |batch| {
            let board = Board::lease();
            board.set_watch(Watch { has_hold: self.has_hold, recorder: self.recorder, batch });
            board
        })
    }

    pub(super) fn label(&self, number: u32) -> Option<Cow<'static, str>> {
        lock(&self.all).get(number).map(|batch| batch.place.label.clone())
    }

    /// All batches that exist now. The batch of the calls outside of all others is first.
    pub(super) fn all(&self) -> Vec<Arc<Batch>> {
        lock(&self.all).all().to_vec()
    }
}

impl Drop for ScopeBatches {
    fn drop(&mut self) {
        let all = self.all.get_mut().unwrap_or_else(PoisonError::into_inner);
        for batch in all.all() {
            batch.board.close();
            if batch.number == 0 && self.board_is_wide {
                batch.board.release();
            } else {
                batch.board.put_back();
            }
        }
    }
}
