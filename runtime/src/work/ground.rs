//! `Ground`: the batch that the workers of a scope's own pool count in when a job says nothing about its batch.
//!
//! rayon does not say where a job comes from. Any worker may run a half of a `rayon::join` that a lane calls directly. But the pool
//! works only for this scope. So:
//!
//! * If all passes and offloads that are under way on the pool are of one batch, the job belongs to that batch, and to that pass.
//! * If they are of several batches, or if a call of `run` is under way beside them, the job is counted outside of all batches.
//! * If no pass and no offload is under way, the same rule applies to the calls of `run`.

use crate::base::lock::lock;
use crate::book::batch::Batch;
use crate::call::board::Board;
use crate::call::host::Visit;
use std::sync::{Arc, Mutex};

pub(crate) struct Ground {
    /// The board that is current on the workers. It counts nothing, and stands for the board of a batch.
    board: &'static Board,
    /// The batch of the calls outside of all others.
    outside: Arc<Batch>,
    under_way: Mutex<UnderWay>,
}

/// What is under way on the pool.
#[derive(Default)]
struct UnderWay {
    /// Passes with their numbers. Offloads have 0.
    work: Vec<(Arc<Batch>, u64)>,
    /// How many of them were begun by a worker of the pool. Each of these is inside a call of `run` that waits for it.
    nested: usize,
    /// Calls of `run`, each with the batch that counts its calls.
    runs: Vec<(Arc<Batch>, u64)>,
}

impl Ground {
    pub(crate) fn new(outside: &Arc<Batch>) -> Self {
        let board = Board::lease();
        board.ground_changed();
        Ground { board, outside: Arc::clone(outside), under_way: Mutex::default() }
    }

    pub(crate) fn board(&self) -> &'static Board {
        self.board
    }

    /// Where the calls of a job of unknown origin are counted.
    pub(crate) fn counts_on(&self) -> (&'static Board, Visit) {
        let under_way = lock(&self.under_way);
        let runs_on = under_way.runs.len() > under_way.nested;
        let all = match (under_way.work.is_empty(), runs_on) {
            (true, _) => &under_way.runs,
            (false, false) => &under_way.work,
            // A `run` and other work are under way, and either may have made the job.
            (false, true) => return (self.outside.board, Visit::default()),
        };
        match all.last() {
            Some((batch, pass)) if all.iter().all(|(other, _)| other.number == batch.number) => {
                (batch.board, Visit { batch: batch.number, pass: *pass })
            }
            _ => (self.outside.board, Visit::default()),
        }
    }

    /// A pass of this batch begins on the pool, or an offload (`pass` is 0).
    pub(crate) fn begin(&self, batch: &Arc<Batch>, pass: u64, is_nested: bool) {
        let mut under_way = lock(&self.under_way);
        under_way.work.push((Arc::clone(batch), pass));
        under_way.nested += usize::from(is_nested);
        drop(under_way);
        self.board.ground_changed();
    }

    pub(crate) fn end(&self, batch: &Batch, pass: u64, was_nested: bool) {
        let mut under_way = lock(&self.under_way);
        take(&mut under_way.work, batch, pass);
        under_way.nested -= usize::from(was_nested);
        drop(under_way);
        self.board.ground_changed();
    }

    /// A call of `run` begins on the pool. Without a batch its calls are counted outside of all batches.
    pub(crate) fn begin_run(&self, batch: Option<&Arc<Batch>>) {
        let batch = batch.unwrap_or(&self.outside);
        lock(&self.under_way).runs.push((Arc::clone(batch), 0));
        self.board.ground_changed();
    }

    pub(crate) fn end_run(&self, batch: Option<&Arc<Batch>>) {
        let batch = batch.unwrap_or(&self.outside);
        take(&mut lock(&self.under_way).runs, batch, 0);
        self.board.ground_changed();
    }
}

fn take(all: &mut Vec<(Arc<Batch>, u64)>, batch: &Batch, pass: u64) {
    if let Some(i) = all.iter().position(|(known, of)| known.number == batch.number && *of == pass) {
        all.remove(i);
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        self.board.put_back();
    }
}
