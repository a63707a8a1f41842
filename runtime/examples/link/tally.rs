//! `Tally`: what was linked.

use std::iter::Sum;
use std::ops::Add;

/// How many files, or slots, were linked in which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) packages: u64,
    pub(crate) bytes: u64,
    pub(crate) hard_links: u64,
    pub(crate) copies: u64,
    pub(crate) symlinks: u64,
    /// The checksum of the verified files. It does not depend on their order, so that two runs over the same files agree.
    pub(crate) checksum: u64,
}

impl Tally {
    pub(crate) fn files(&self) -> u64 {
        self.hard_links + self.copies + self.symlinks
    }
}

impl Add for Tally {
    type Output = Tally;

    fn add(self, other: Tally) -> Tally {
        Tally {
            packages: self.packages + other.packages,
            bytes: self.bytes + other.bytes,
            hard_links: self.hard_links + other.hard_links,
            copies: self.copies + other.copies,
            symlinks: self.symlinks + other.symlinks,
            checksum: self.checksum.wrapping_add(other.checksum),
        }
    }
}

impl Sum for Tally {
    fn sum<I: Iterator<Item = Tally>>(tallies: I) -> Tally {
        tallies.fold(Tally::default(), Add::add)
    }
}
