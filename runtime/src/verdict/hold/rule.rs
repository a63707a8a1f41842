//! `Rule`: one probe that is held.

use crate::base::sync::ThreadId;
use crate::verdict::hold::evidence::Evidence;

/// One probe to be held until `n` are inside at once.
pub(super) struct Rule {
    pub(super) probe: String,
    pub(super) n: usize,
    pub(super) was_entered: bool,
    /// What is known of each batch, by its number. Of what is outside of passes the groups know the rest.
    pub(super) evidence: Vec<(u32, Evidence)>,
    /// The threads that have entered since the last meeting, as many as matter, of each batch. A thread that was let go may still be
    /// inside: it does not count for the next meeting.
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
