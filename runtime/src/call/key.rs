//! `Key`: identifies a probe on a board.

/// The kind of function that a probe counts.
///
/// Not public API. Used by generated code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A function or a block. A call is inside from entry to exit, on one thread.
    Sync,
    /// An `async fn`. Its future is in flight from its first poll until it is dropped.
    Async,
    /// An `async fn` whose polls are entries too.
    Polls,
}

/// The place of a probe in the list of sites, and its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key(u32);

impl Key {
    pub(crate) fn new(place: u32, kind: Kind) -> Self {
        Key(place << 2 | kind as u32)
    }

    pub(crate) fn from_bits(bits: u32) -> Option<Self> {
        (bits != 0).then_some(Key(bits))
    }

    pub(crate) fn bits(self) -> u32 {
        self.0
    }

    pub(crate) fn place(self) -> u32 {
        self.0 >> 2
    }

    pub(crate) fn kind(self) -> Kind {
        match self.0 & 3 {
            0 => Kind::Sync,
            1 => Kind::Async,
            _ => Kind::Polls,
        }
    }
}
