//! `Ground`: what the workers of a scope's own pool count in, of their own accord.
//!
//! rayon does not say where a job comes from that a worker takes up: a half of a bare `join` in a lane may be run by any of them.
//! The pool runs nothing but this scope. So if all passes and offloads that are under way on it are of one batch, the job is of that
//! batch, and of that pass; if they are of several, or a call of `run` goes on beside them, it is counted outside of them. If there
//! are none, the same is asked of calls of `run`.

use crate::base::lock::lock;
use crate::book::batch::Batch;
use crate::call::board::Board;
use crate::call::host::Visit;
use std::sync::{Arc, Mutex};

pub(crate) struct Ground {
    /// What is current in the workers.
    board: &'static Board,
    /// What is counted in when nothing is under way.
    outside: Arc<Batch>,
    under_way: Mutex<UnderWay>,
}

/// What is under way on the pool.
#[derive(Default)]
struct UnderWay {
    /// Passes with their numbers, and offloads with 0.
    work: Vec<(Arc<Batch>, u64)>,
    /// Those of them that were begun by a worker: in a call of `run`, which waits for them.
    nested: usize,
    /// Calls of `run`, each with what its calls are counted in.
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

    /// What a job is counted in whose origin nobody knows.
    pub(crate) fn counts_on(&self) -> (&'static Board, Visit) {
        let under_way = lock(&self.under_way);
        let runs_on = under_way.runs.len() > under_way.nested;
        let all = match (under_way.work.is_empty(), runs_on) {
            (true, _) => &under_way.runs,
            (false, false) => &under_way.work,
            // Two things at once, of which either may have made the job.
            (false, true) => return (self.outside.board, Visit::default()),
        };
        match all.last() {
            Some((batch, pass)) if all.iter().all(|(other, _)| other.number == batch.number) => {
                (batch.board, Visit { batch: batch.number, pass: *pass })
            }
            _ => (self.outside.board, Visit::default()),
        }
    }

    /// A pass of this batch, or an offload (0), begins on the pool.
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

    /// A call of `run` begins on the pool; without a label what it calls is counted outside.
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
