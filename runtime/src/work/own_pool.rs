//! `OwnPool`: the pool of a scope, if it has one of its own, and the ground that its workers count on.

use crate::book::batch::Batch;
use crate::call::board::Board;
use crate::call::host::Visit;
use crate::work::ground::Ground;
use rayon::ThreadPool;
use std::sync::{Arc, OnceLock, Weak};

#[derive(Default)]
pub(crate) struct OwnPool {
    /// Weak, because the threads of the pool own the scope that they work for.
    pool: OnceLock<Weak<ThreadPool>>,
    /// Where its threads count the calls of jobs that say nothing about their batch.
    ground: OnceLock<Box<Ground>>,
}

impl OwnPool {
    pub(crate) fn set(&self, pool: &Arc<ThreadPool>) {
        let _ = self.pool.set(Arc::downgrade(pool));
    }

    /// The pool, if the scope has one. It lives while the scope is open or a pass still uses it.
    pub(crate) fn get(&self) -> Option<Arc<ThreadPool>> {
        self.pool.get().and_then(Weak::upgrade)
    }

    /// The board that is current on the threads of the pool. The first thread makes it.
    pub(super) fn ground(&self, outside: &Arc<Batch>) -> &'static Board {
        self.ground.get_or_init(|| Box::new(Ground::new(outside))).board()
    }

    /// Where the calls of a job of unknown origin are counted. `None` if there is no pool.
    pub(super) fn counts_on(&self) -> Option<(&'static Board, Visit)> {
        self.ground.get().map(|ground| ground.counts_on())
    }

    /// A pass of this batch begins on the pool, or an offload (`pass` is 0), if there is a pool.
    /// Returns whether a worker of the pool began the pass.
    pub(super) fn begins(&self, batch: &Arc<Batch>, pass: u64) -> bool {
        let Some(ground) = self.ground.get() else { return false };
        let is_nested = pass != 0 && self.get().is_some_and(|pool| pool.current_thread_index().is_some());
        ground.begin(batch, pass, is_nested);
        is_nested
    }

    pub(super) fn ends(&self, batch: &Batch, pass: u64, was_nested: bool) {
        if let Some(ground) = self.ground.get() {
            ground.end(batch, pass, was_nested);
        }
    }

    /// A call of `run` begins on the pool, if there is one, and lasts until the guard is dropped.
    pub(crate) fn runs<'a>(&'a self, batch: Option<&'a Arc<Batch>>) -> RunOnPool<'a> {
        if let Some(ground) = self.ground.get() {
            ground.begin_run(batch);
        }
        RunOnPool { pool: self, batch }
    }
}

/// A call of `run` on the scope's own pool.
pub(crate) struct RunOnPool<'a> {
    pool: &'a OwnPool,
    batch: Option<&'a Arc<Batch>>,
}

impl Drop for RunOnPool<'_> {
    fn drop(&mut self) {
        if let Some(ground) = self.pool.ground.get() {
            ground.end_run(self.batch);
        }
    }
}
