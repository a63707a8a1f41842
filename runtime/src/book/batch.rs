//! `Batch`: a set of calls of one scope that are counted and judged together.

use crate::base::trace::Place;
use crate::call::board::Board;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// What the calls of a batch have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum BatchKind {
    /// They are made outside of all other batches.
    Outside,
    /// They are made in passes of one label and place.
    Pass,
    /// They are made in offloads of one place.
    Offload,
    /// They are made in a batch of a handle.
    Labelled,
}

/// What a batch is called, and where it is made.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct BatchPlace {
    pub(crate) kind: BatchKind,
    pub(crate) label: Cow<'static, str>,
    pub(crate) at: &'static Location<'static>,
}

impl BatchPlace {
    pub(crate) fn source(&self) -> (&'static str, u32) {
        (self.at.file(), self.at.line())
    }

    /// The place, as a span of this scope has it.
    pub(crate) fn traced<'a>(&self, scope: &'a str) -> Place<'a> {
        let (file, line) = self.source();
        Place { scope, file, line }
    }
}

/// A batch of one scope.
pub(crate) struct Batch {
    /// Its number in its scope. 0 is the batch of the calls outside of all others.
    pub(crate) number: u32,
    pub(crate) place: BatchPlace,
    /// The counts of its calls.
    pub(crate) board: &'static Board,
    /// Its passes that are under way.
    pub(crate) passes: UnderWay,
}

/// The passes of one batch that are under way. Tells of each pass whether another one ran beside it.
///
/// `Relaxed` is enough: a read-modify-write sees the latest value. So if two passes overlap, both are told.
#[derive(Default)]
pub(crate) struct UnderWay {
    begun: AtomicU32,
    now: AtomicU32,
}

impl UnderWay {
    /// A pass begins. The result goes to [`end`](UnderWay::end): `None` if another pass is under way.
    pub(crate) fn begin(&self) -> Option<u32> {
        let is_alone = self.now.fetch_add(1, Ordering::Relaxed) == 0;
        let begun = self.begun.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        is_alone.then_some(begun)
    }

    /// A pass ends. Whether no other pass ran beside it.
    pub(crate) fn end(&self, begun: Option<u32>) -> bool {
        let is_last = begun == Some(self.begun.fetch_add(0, Ordering::Relaxed));
        self.now.fetch_sub(1, Ordering::Relaxed);
        is_last
    }
}

/// The batches of a scope, in the order in which they were first used.
///
/// Their number is bounded: a place in the source that makes a label for each item gets a batch for each of its first 32 labels, and one
/// batch for all others.
pub(crate) struct Batches {
    list: Vec<Arc<Batch>>,
    /// Without the first one, which nobody looks up. So a scope with no other batch allocates nothing here.
    index: BTreeMap<BatchPlace, usize>,
}

impl Batches {
    /// The number of labels of one place that have a batch of their own.
    pub(crate) const LABELS: usize = 32;
    /// The label of the batch for all further labels of a place.
    pub(crate) const OTHER_LABELS: &'static str = "(other labels)";

    /// Only the batch of the calls outside of all others. `board` counts its calls.
    pub(crate) fn outside(opened_at: &'static Location<'static>, board: &'static Board) -> Self {
        let place = BatchPlace { kind: BatchKind::Outside, label: Cow::Borrowed(""), at: opened_at };
        Batches {
            list: vec![Arc::new(Batch { number: 0, place, board, passes: UnderWay::default() })],
            index: BTreeMap::new(),
        }
    }

    /// The batch of this place. If it is new, `board` gives its board, from its number.
    pub(crate) fn find_or_add(
        &mut self,
        mut place: BatchPlace,
        board: impl FnOnce(u32) -> &'static Board,
    ) -> Arc<Batch> {
        if let Some(&i) = self.index.get(&place) {
            return Arc::clone(&self.list[i]);
        }
        let is_there = |other: &&Arc<Batch>| other.place.kind == place.kind && other.place.at == place.at;
        if self.list.iter().filter(is_there).count() >= Self::LABELS {
            place.label = Cow::Borrowed(Self::OTHER_LABELS);
            if let Some(&i) = self.index.get(&place) {
                return Arc::clone(&self.list[i]);
            }
        }
        let number = u32::try_from(self.list.len()).unwrap_or(u32::MAX);
        let batch = Arc::new(Batch {
            number,
            place: place.clone(),
            board: board(number),
            passes: UnderWay::default(),
        });
        self.index.insert(place, self.list.len());
        self.list.push(Arc::clone(&batch));
        batch
    }

    /// All batches. The batch of the calls outside of all others is first.
    pub(crate) fn all(&self) -> &[Arc<Batch>] {
        &self.list
    }

    pub(crate) fn get(&self, number: u32) -> Option<&Arc<Batch>> {
        self.list.get(number as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::{BatchKind, BatchPlace, Batches};
    use crate::call::board::Board;
    use std::panic::Location;

    #[test]
    fn labels_of_one_place_are_bounded() {
        let at = Location::caller();
        let mut batches = Batches::outside(at, Board::leaked());
        let mut find = |label: String| {
            batches
                .find_or_add(BatchPlace { kind: BatchKind::Pass, label: label.into(), at }, |_| {
                    Board::leaked()
                })
                .number
        };
        let numbers: Vec<u32> = (0..100).map(|n| find(format!("link {n}"))).collect();
        assert_eq!(numbers[..32], (1..33).collect::<Vec<_>>());
        assert!(numbers[32..].iter().all(|number| *number == 33));
        assert_eq!(find("link 7".into()), 8);
        assert_eq!(batches.all().len(), 34);
        assert_eq!(batches.get(33).map(|batch| &*batch.place.label), Some("(other labels)"));
    }
}
