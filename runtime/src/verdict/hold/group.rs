//! `Group`: the calls of one held probe that can meet.

use crate::base::sync::{ThreadId, this_thread};
use crate::call::host::Visit;
use crate::call::key::Kind;
use crate::verdict::hold::rhythm::Rhythm;
use std::time::Duration;

/// The calls of one held probe in one pass, or in one batch that is not made of passes. Calls of different passes of one batch can meet too.
pub(super) struct Group {
    pub(super) id: u64,
    /// The index of the rule that holds the probe.
    pub(super) rule: usize,
    pub(super) visit: Visit,
    pub(super) rhythm: Rhythm,
    /// The free time of its present wait, since the first look at it.
    pub(super) waited: Option<Duration>,
    /// Whether a wait of it ended that proves nothing: see [`Evidence::was_let_go`](super::evidence::Evidence).
    pub(super) was_let_go: bool,
    /// The first thread outside of the pool that has entered it. `has_several_outsiders`: another one has too.
    outsider: Option<ThreadId>,
    pub(super) has_several_outsiders: bool,
    /// Its waits are proven as long as calls come only from attached futures up to this number. `None`: nothing is proven.
    pub(super) proven_for: Option<u64>,
}

impl Group {
    pub(super) fn new(id: u64, rule: usize, visit: Visit, kind: Option<Kind>, limits: u32) -> Self {
        let comes_again = visit.pass == 0 && kind != Some(Kind::Polls);
        Group {
            id,
            rule,
            visit,
            rhythm: Rhythm::new(comes_again, limits),
            waited: None,
            was_let_go: false,
            outsider: None,
            has_several_outsiders: false,
            proven_for: None,
        }
    }

    /// A thread outside of the scope's pool enters it.
    pub(super) fn outsider_enters(&mut self) {
        let this = this_thread();
        self.has_several_outsiders |= *self.outsider.get_or_insert(this) != this;
    }

    /// A wait is proven, as long as calls come only from attached futures up to this number.
    pub(super) fn proven_for(&mut self, number: u64) {
        self.proven_for = Some(self.proven_for.map_or(number, |known| known.min(number)));
    }
}

#[cfg(test)]
mod tests {
    use super::Group;
    use crate::call::host::Visit;
    use crate::call::key::Kind;

    /// Whether one of the next thousand entries is held, after the first two met.
    fn comes_again(visit: Visit, kind: Kind) -> bool {
        let mut rhythm = Group::new(1, 0, visit, Some(kind), 0).rhythm;
        (0..2).for_each(|_| _ = rhythm.enter());
        rhythm.met(2);
        (0..1000).any(|_| {
            let entry = rhythm.enter();
            rhythm.is_armed(entry)
        })
    }

    #[test]
    fn a_hold_comes_again_outside_of_passes() {
        let (outside, pass) = (Visit::default(), Visit { batch: 1, pass: 1 });
        assert!(comes_again(outside, Kind::Sync) && comes_again(outside, Kind::Async));
        assert!(comes_again(Visit { batch: 7, pass: 0 }, Kind::Sync));
        assert!(!comes_again(pass, Kind::Sync) && !comes_again(pass, Kind::Async));
        assert!(!comes_again(outside, Kind::Polls));
    }
}
