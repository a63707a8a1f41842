//! `RollCall`: whether all workers that do not wait are idle at the same moment.

use crate::base::task::Task;

/// A roll call of the workers.
#[derive(Default)]
pub(super) struct RollCall {
    pub(super) round: u64,
    pub(super) open: bool,
    pub(super) present: Vec<Present>,
}

/// A worker in a roll call.
pub(super) struct Present {
    pub(super) worker: usize,
    pub(super) between_jobs: bool,
}

/// A worker of the scope's pool.
#[derive(Default)]
pub(super) struct Worker {
    pub(super) task: Task,
    /// The stack depth at which it answers a roll call between two jobs.
    pub(super) depth: Option<usize>,
}

impl RollCall {
    pub(super) fn is_open(&self, round: u64) -> bool {
        self.open && self.round == round
    }

    /// How many of those present answer inside a job, in which they wait for a part that another worker took.
    pub(super) fn in_jobs(&self) -> usize {
        self.present.iter().filter(|present| !present.between_jobs).count()
    }
}
