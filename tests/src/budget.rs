//! `Budget`: how many bytes may be held at once.

use std::collections::TryReserveError;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many bytes may be held at once, by all who share it. Whoever would hold more waits until others have let go.
///
/// What is larger than the whole budget takes all of it, so that it is alone, and may be done all the same. It counts what it
/// is told, and allocates nothing itself. Clones are the same budget.
#[derive(Clone, Debug)]
pub struct Budget {
    units: Arc<Semaphore>,
    total: u32,
    /// For one at a time that turned out larger than it was announced.
    beyond: Arc<Semaphore>,
}

/// A part of a [`Budget`], until it is dropped.
#[derive(Debug)]
pub struct Held {
    budget: Budget,
    bytes: u64,
    _units: Option<OwnedSemaphorePermit>,
    beyond: Option<OwnedSemaphorePermit>,
}

/// What is counted: a semaphore counts to 2^32, and memory is larger.
const UNIT: u64 = 4096;

impl Budget {
    /// So many bytes.
    #[must_use]
    pub fn new(bytes: u64) -> Self {
        let total = u32::try_from(bytes.div_ceil(UNIT)).unwrap_or(u32::MAX).max(1);
        Budget {
            units: Arc::new(Semaphore::new(usize::try_from(total).unwrap_or(usize::MAX))),
            total,
            beyond: Arc::new(Semaphore::new(1)),
        }
    }

    /// Waits until this much is free, or all of it where that is less. Who comes first is served first, so that what is large
    /// is not overtaken for ever.
    pub async fn hold(&self, bytes: u64) -> Held {
        let units = u32::try_from(bytes.div_ceil(UNIT)).unwrap_or(u32::MAX).min(self.total);
        // It fails only once it is closed, which nobody does.
        let held = Arc::clone(&self.units).acquire_many_owned(units).await.ok();
        Held { budget: self.clone(), bytes, _units: held, beyond: None }
    }

    /// What is not held.
    pub fn free(&self) -> u64 {
        self.units.available_permits() as u64 * UNIT
    }
}

impl Held {
    /// Holds this much, however much it was before. One at a time may: two that wait for a part that the other holds would
    /// wait for ever. So beyond the budget there is as much as one of them may have.
    pub async fn grow(&mut self, bytes: u64) {
        if bytes > self.bytes && self.beyond.is_none() {
            self.beyond = Arc::clone(&self.budget.beyond).acquire_owned().await.ok();
        }
        self.bytes = self.bytes.max(bytes);
    }
}

/// Makes room for so many bytes more, exactly, if there is as much. Of what is large there must be some to spare: where memory has
/// a limit, the next few bytes that anybody needs must not be those that end the program.
///
/// # Errors
///
/// If there is not. Then nothing is changed.
pub(crate) fn make_room(bytes: &mut Vec<u8>, more: usize) -> Result<(), TryReserveError> {
    const LARGE: usize = 1 << 20;
    let mut to_spare: Vec<u8> = Vec::new();
    if more >= LARGE {
        to_spare.try_reserve_exact(16 * LARGE)?;
    }
    bytes.try_reserve_exact(more)
}

#[cfg(test)]
mod tests {
    use super::{Budget, UNIT};
    use futures::FutureExt;

    #[test]
    fn what_is_held_is_never_more_than_there_is() {
        let budget = Budget::new(10 * UNIT);
        let hold = |bytes| budget.hold(bytes).now_or_never();
        let all = hold(10 * UNIT).expect("all is free");
        assert_eq!(budget.free(), 0);
        assert!(hold(1).is_none());
        drop(all);

        let parts = [hold(1), hold(4 * UNIT), hold(5 * UNIT)];
        assert!(parts.iter().all(Option::is_some));
        assert!(hold(1).is_none());
        drop(parts);
        assert_eq!(budget.free(), 10 * UNIT);
    }

    #[test]
    fn what_is_too_large_is_alone() {
        let budget = Budget::new(10 * UNIT);
        let small = budget.hold(1).now_or_never();
        let mut huge = Box::pin(budget.hold(u64::MAX));
        assert!(huge.as_mut().now_or_never().is_none(), "another is there");
        assert!(budget.hold(1).now_or_never().is_none(), "the large one was first");
        drop(small);
        let huge = huge.now_or_never().expect("it is alone");
        assert_eq!(budget.free(), 0);
        drop(huge);
        assert_eq!(budget.free(), 10 * UNIT);
    }

    #[test]
    fn one_at_a_time_grows() {
        let budget = Budget::new(10 * UNIT);
        let hold = || budget.hold(5 * UNIT).now_or_never().expect("it is free");
        let (mut first, mut second) = (hold(), hold());
        assert!(first.grow(5 * UNIT).now_or_never().is_some() && second.grow(1).now_or_never().is_some());
        assert!(first.grow(6 * UNIT).now_or_never().is_some());
        assert!(first.grow(100 * UNIT).now_or_never().is_some(), "it is the one that grows");
        assert!(second.grow(6 * UNIT).now_or_never().is_none());
        drop(first);
        assert!(second.grow(6 * UNIT).now_or_never().is_some());
    }
}
