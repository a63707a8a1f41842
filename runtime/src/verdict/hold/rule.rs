//! `Rule`: one probe that is held.

use crate::base::sync::ThreadId;
use crate::verdict::hold::evidence::Evidence;

/// One probe that is held until `n` threads are inside at once, or `n` futures are in flight.
pub(super) struct Rule {
    pub(super) probe: String,
    pub(super) n: usize,
    pub(super) was_entered: bool,
    /// The evidence for each batch, by its number. For calls outside of passes the groups have the serial stretches.
    pub(super) evidence: Vec<(u32, Evidence)>,
    /// For each batch, the threads that have entered since the last meeting, at most `n` of them. A thread whose wait ended may still be
    /// inside. It does not count for the next meeting.
    pub(super) came: Vec<(u32, Vec<ThreadId>)>,
}

impl Rule {
    pub(super) fn came_mut(&mut self, batch: u32) -> &mut Vec<ThreadId> {
        let place = self.came.iter().position(|(known, _)| *known == batch).unwrap_or_else(|| {
            self.came.push((batch, Vec::new()));
            self.came.len() - 1
        });
        &mut self.came[place].1
    }

    pub(super) fn evidence_mut(&mut self, batch: u32) -> &mut Evidence {
        let place = self.evidence.iter().position(|(known, _)| *known == batch).unwrap_or_else(|| {
            self.evidence.push((batch, Evidence::default()));
            self.evidence.len() - 1
        });
        &mut self.evidence[place].1
    }
}
