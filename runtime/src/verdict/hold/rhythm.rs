//! `Rhythm`: which entries of a probe are held, and how their waits ended.
//!
//! Each pass has one rhythm, and so has each batch that is not made of passes. In a pass the hold is armed until its calls have met once.
//! Outside of passes it is armed again and again, so that a long serial stretch is seen at the cost of a few waits:
//!
//! * After a meeting it is armed again after some calls: an eighth of the calls since the last serial stretch, and at most 256.
//! * After a lone wait it is armed again with the next call. After a few lone waits in a row a further wait tells nothing new, and the distance
//!   doubles each time.
//!
//! Polls are held until they have met, once for each batch.

use std::time::Duration;

/// With so many lone waits in a row, calls follow one another by structure. Fewer may be the first call of a program that goes on
/// in parallel, or the last calls of a batch.
const MANY_WAITS: u32 = 4;
/// After so many lone waits in a row their distance doubles.
const CLOSE_WAITS: u32 = 8;
/// Between two meetings, the calls since the last serial stretch divided by `SPACING` are not held, and at most `MOST_SPACING`.
const SPACING: u64 = 8;
const MOST_SPACING: u64 = 256;
/// In a batch in which threads have met, the limit of a wait is divided by this.
const LIMIT_AFTER_MEETING: u32 = 8;

/// The calls of one probe in one pass, or in one batch that is not made of passes.
#[derive(Clone, Debug)]
pub(crate) struct Rhythm {
    /// Whether it is armed again after a meeting.
    comes_again: bool,
    entries: u64,
    /// The next entry that is held.
    armed_from: u64,
    meetings: u64,
    /// The first entry after the last serial stretch.
    parallel_from: u64,
    /// The number of lone waits that ended by the limit. Each halves the next limit.
    limits: u32,
    stretch: Option<Stretch>,
    longest: Option<Stretch>,
}

/// Calls that followed one another, each of them alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stretch {
    /// The number of its first call.
    from: u64,
    /// The number of its calls.
    pub(crate) calls: u64,
    /// How many of them were held, and alone.
    waits: u32,
    /// The most calls that were inside at once when a wait ended.
    pub(crate) most: usize,
    /// Whether each wait ended because no further call could come.
    pub(crate) is_proven: bool,
    /// The number of calls of the parallel stretch before it.
    before: u64,
    /// How many of the held calls cannot have been the tail of parallel work. Either no further call could come, and the call ran on a thread that is
    /// not a worker. Or the call was in another piece of parallel work than the held call before it.
    firm: u32,
    /// The piece of parallel work of the last held call.
    piece: u64,
}

impl Stretch {
    /// The number of its calls that were held, and alone.
    pub(crate) fn waits(&self) -> u32 {
        self.waits
    }

    /// Whether the calls follow one another by structure.
    ///
    /// A parallel program can have a serial tail. A worker runs a leaf of rayon's division to its end, while the other workers have nothing left to
    /// do. Of several threads one ends last. If the parts are equal, such a tail is shorter than the calls before it.
    pub(crate) fn is_serial(&self) -> bool {
        self.firm >= MANY_WAITS || (self.waits >= MANY_WAITS && self.calls > self.before)
    }
}

/// A wait that ended without a meeting.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lone {
    /// The number of the first entry that waited.
    pub(crate) entry: u64,
    /// How many calls were inside.
    pub(crate) inside: usize,
    /// Whether no further call could come.
    pub(crate) is_proven: bool,
    /// Whether the thread may be in a leaf of rayon's division.
    pub(crate) may_be_a_leaf: bool,
    /// The piece of parallel work that it is in, such as an offload or a lane. 0 if it is in none. One leaf never has two pieces.
    pub(crate) piece: u64,
}

impl Rhythm {
    /// `limits`: how many waits of the same batch, in a row, have ended by the limit before.
    pub(crate) fn new(comes_again: bool, limits: u32) -> Self {
        Rhythm {
            comes_again,
            entries: 0,
            armed_from: 1,
            meetings: 0,
            parallel_from: 1,
            limits,
            stretch: None,
            longest: None,
        }
    }

    /// Counts an entry and returns its number.
    pub(crate) fn enter(&mut self) -> u64 {
        self.entries += 1;
        self.entries
    }

    /// How many waits have ended by the limit.
    pub(crate) fn limits(&self) -> u32 {
        self.limits
    }

    /// Whether an entry of this number waits.
    pub(crate) fn is_armed(&self, entry: u64) -> bool {
        entry >= self.armed_from
    }

    /// `n` were inside at once when the last entry came.
    pub(crate) fn met(&mut self, n: usize) {
        self.meetings += 1;
        let before = self.entries.saturating_sub(n as u64);
        if let Some(stretch) = self.stretch.take() {
            self.parallel_from = before + 1;
            self.keep(Stretch { calls: (before + 1).saturating_sub(stretch.from), ..stretch });
        }
        // The other calls that were inside may be counted here only later.
        self.armed_from = if self.comes_again {
            self.entries
                + ((self.entries + 1).saturating_sub(self.parallel_from) / SPACING)
                    .min(MOST_SPACING)
                    .max(n as u64)
        } else {
            u64::MAX
        };
    }

    /// A wait ended without a meeting.
    pub(crate) fn lone(&mut self, lone: Lone) {
        let before = lone.entry.saturating_sub(self.parallel_from);
        let stretch = self.stretch.get_or_insert(Stretch {
            from: lone.entry,
            calls: 0,
            waits: 0,
            most: 0,
            is_proven: true,
            before,
            firm: 0,
            piece: 0,
        });
        stretch.waits += 1;
        stretch.most = stretch.most.max(lone.inside);
        stretch.is_proven &= lone.is_proven;
        let is_another_piece = lone.piece != 0 && lone.piece != stretch.piece;
        stretch.firm += u32::from((lone.is_proven && !lone.may_be_a_leaf) || is_another_piece);
        stretch.piece = lone.piece;
        let distance = 1_u64.checked_shl(stretch.waits.saturating_sub(CLOSE_WAITS)).unwrap_or(u64::MAX);
        self.armed_from = self.entries.saturating_add(distance);
    }

    /// A wait reached its limit.
    pub(crate) fn limit_was_reached(&mut self) {
        self.limits += 1;
    }

    /// A wait was ended before it was known whether another call could come. So the stretch that it is in is not proven.
    pub(crate) fn was_given_up(&mut self) {
        if let Some(stretch) = &mut self.stretch {
            stretch.is_proven = false;
        }
    }

    /// The waits so far prove nothing: a call came later that could have come during a wait.
    pub(crate) fn proves_nothing(&mut self) {
        for stretch in [&mut self.stretch, &mut self.longest].into_iter().flatten() {
            stretch.is_proven = false;
            stretch.firm = 0;
        }
    }

    /// How long the next wait may last. Each wait that ends by the limit halves the next one. So all of them together take
    /// at most twice the limit.
    pub(crate) fn limit(&self, limit: Duration) -> Duration {
        let limit = if self.meetings > 0 { limit / LIMIT_AFTER_MEETING } else { limit };
        limit / 2_u32.saturating_pow(self.limits)
    }

    pub(crate) fn entries(&self) -> u64 {
        self.entries
    }

    pub(crate) fn meetings(&self) -> u64 {
        self.meetings
    }

    /// The stretch that has not ended yet.
    pub(crate) fn open_stretch(&self) -> Option<Stretch> {
        self.stretch.map(|stretch| Stretch { calls: self.entries + 1 - stretch.from, ..stretch })
    }

    /// The longest serial stretch so far.
    pub(crate) fn longest_serial(&self) -> Option<Stretch> {
        let open = self.open_stretch().filter(Stretch::is_serial);
        [self.longest, open].into_iter().flatten().max_by_key(|stretch| stretch.calls)
    }

    fn keep(&mut self, stretch: Stretch) {
        if stretch.is_serial() && self.longest.is_none_or(|longest| longest.calls < stretch.calls) {
            self.longest = Some(stretch);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Lone, Rhythm};
    use std::time::Duration;

    /// Calls of a program: pairs that meet, or calls that are alone.
    enum Part {
        Pairs(u64),
        Alone(u64),
    }
    use Part::{Alone, Pairs};

    /// Runs a program under a hold for two threads. Returns the rhythm and the number of waits.
    fn run(program: &[Part], may_be_a_leaf: bool) -> (Rhythm, u64) {
        let mut rhythm = Rhythm::new(true, 0);
        let mut waits = 0;
        for part in program {
            match *part {
                Pairs(pairs) => (0..pairs).for_each(|_| {
                    let first = rhythm.enter();
                    waits += u64::from(rhythm.is_armed(first));
                    let second = rhythm.enter();
                    if rhythm.is_armed(first) || rhythm.is_armed(second) {
                        rhythm.met(2);
                    }
                }),
                Alone(calls) => (0..calls).for_each(|_| {
                    let entry = rhythm.enter();
                    if rhythm.is_armed(entry) {
                        waits += 1;
                        rhythm.lone(Lone { entry, inside: 1, is_proven: true, may_be_a_leaf, piece: 0 });
                    }
                }),
            }
        }
        (rhythm, waits)
    }

    #[test]
    fn a_long_stretch_alone_is_seen_wherever_it_is_and_a_short_one_is_nothing() {
        for (what, program, is_serial) in [
            ("all parallel", &[Pairs(500)] as &[Part], false),
            ("one alone, then parallel", &[Alone(1), Pairs(100)], false),
            ("three alone, then parallel", &[Alone(3), Pairs(100)], false),
            ("parallel, and three left over", &[Pairs(156), Alone(3)], false),
            ("now and then one alone", &[Pairs(8), Alone(1), Pairs(8), Alone(2), Pairs(8), Alone(1)], false),
            ("the seed's mix", &[Pairs(156), Alone(996)], true),
            ("the seed's mix, the bug first", &[Alone(996), Pairs(156)], true),
            ("parallel, alone, parallel", &[Pairs(156), Alone(200), Pairs(156)], true),
            ("mostly parallel", &[Pairs(450), Alone(150)], true),
            ("all alone", &[Alone(4)], true),
            ("long parallel, then not", &[Pairs(5000), Alone(300)], true),
        ] {
            let (rhythm, _) = run(program, false);
            assert_eq!(rhythm.longest_serial().is_some(), is_serial, "{what}: {rhythm:?}");
        }
    }

    /// Two offloads are never in one leaf. Calls of one offload may be.
    #[test]
    fn calls_in_one_piece_of_work_after_another_are_serial() {
        for (pieces, is_serial) in [(1_u64, false), (50, true)] {
            let (mut rhythm, _) = run(&[Pairs(50)], true);
            for n in 0..50 {
                let entry = rhythm.enter();
                if rhythm.is_armed(entry) {
                    let piece = 1 + n % pieces;
                    rhythm.lone(Lone { entry, inside: 1, is_proven: false, may_be_a_leaf: true, piece });
                }
            }
            assert_eq!(rhythm.longest_serial().is_some(), is_serial, "{pieces}: {rhythm:?}");
        }
    }

    /// The tail of a leaf on a worker, and then a loop on a thread that is not a worker.
    #[test]
    fn calls_that_cannot_be_in_a_leaf_are_serial_whatever_was_before_them() {
        let (mut rhythm, _) = run(&[Pairs(500), Alone(20)], true);
        assert!(rhythm.longest_serial().is_none());
        for _ in 0..1000 {
            let entry = rhythm.enter();
            if rhythm.is_armed(entry) {
                rhythm.lone(Lone { entry, inside: 1, is_proven: true, may_be_a_leaf: false, piece: 0 });
            }
        }
        assert!(rhythm.longest_serial().is_some());
    }

    /// The last leaf of a parallel iterator has at most as many calls as ran before it.
    #[test]
    fn what_may_be_the_tail_of_a_leaf_is_serial_only_if_it_is_longer_than_what_was_before() {
        for (program, is_serial) in [
            (&[Pairs(25), Alone(49)] as &[Part], false),
            (&[Pairs(156), Alone(996)], true),
            (&[Alone(100), Pairs(25)], true),
        ] {
            let (rhythm, _) = run(program, true);
            assert_eq!(rhythm.longest_serial().is_some(), is_serial, "{rhythm:?}");
        }
    }

    #[test]
    fn a_million_calls_cost_a_few_waits() {
        assert!(run(&[Pairs(500_000)], false).1 < 4000);
        assert!(run(&[Alone(1_000_000)], false).1 < 40);
    }

    #[test]
    fn the_calls_of_a_stretch_are_counted_while_it_lasts_and_after() {
        assert_eq!(run(&[Alone(996)], false).0.longest_serial().unwrap().calls, 996);
        assert_eq!(run(&[Alone(6), Pairs(1)], false).0.longest_serial().unwrap().calls, 6);
    }

    #[test]
    fn limits_add_up_to_less_than_twice_the_limit() {
        let mut rhythm = Rhythm::new(true, 0);
        let limit = Duration::from_secs(5);
        let mut sum = Duration::ZERO;
        for _ in 0..1000 {
            let entry = rhythm.enter();
            if rhythm.is_armed(entry) {
                sum += rhythm.limit(limit);
                rhythm.limit_was_reached();
                rhythm.lone(Lone { entry, inside: 1, is_proven: false, may_be_a_leaf: false, piece: 0 });
            }
        }
        assert!(sum > limit && sum <= 2 * limit, "{sum:?}");
        assert!(!rhythm.longest_serial().unwrap().is_proven);
    }

    /// If a wait is ended early, its stretch is not proven. If a call comes later by another way, nothing before it is
    /// proven.
    #[test]
    fn what_is_in_doubt_is_not_proven_and_may_be_a_tail_again() {
        type Doubt = fn(&mut Rhythm);
        for (what, doubt, program, expected) in [
            ("none", (|_| ()) as Doubt, &[Pairs(50), Alone(20)] as &[Part], Some(true)),
            ("given up", Rhythm::was_given_up, &[Pairs(50), Alone(20)], Some(false)),
            ("given up in a later one", Rhythm::was_given_up, &[Alone(20), Pairs(50)], Some(true)),
            ("another way, short", Rhythm::proves_nothing, &[Pairs(50), Alone(20)], None),
            ("another way, long", Rhythm::proves_nothing, &[Pairs(50), Alone(150)], Some(false)),
            ("another way, and it is over", Rhythm::proves_nothing, &[Alone(20), Pairs(50)], Some(false)),
        ] {
            let (mut rhythm, _) = run(program, false);
            doubt(&mut rhythm);
            let is_proven = rhythm.longest_serial().map(|stretch| stretch.is_proven);
            assert_eq!(is_proven, expected, "{what}: {rhythm:?}");
        }
    }

    #[test]
    fn a_pass_is_held_until_it_is_met_and_no_longer() {
        let mut rhythm = Rhythm::new(false, 0);
        let mut waits = Vec::new();
        for _ in 0..20 {
            let entry = rhythm.enter();
            if rhythm.is_armed(entry) {
                waits.push(entry);
                rhythm.lone(Lone { entry, inside: 1, is_proven: true, may_be_a_leaf: true, piece: 0 });
            }
        }
        assert_eq!(waits, [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 15]);
        rhythm.enter();
        rhythm.met(2);
        for _ in 0..100 {
            let entry = rhythm.enter();
            assert!(!rhythm.is_armed(entry));
        }
        assert_eq!((rhythm.entries(), rhythm.meetings()), (121, 1));
        assert_eq!(Rhythm::new(false, 3).limit(Duration::from_secs(8)), Duration::from_secs(1));
    }
}
