//! `LinkSite`: what all slots of one install share.

use super::progress::Progress;
use super::{DownloadError, Importer, ModulesDir, Options, Slot, Stop};
use crate::store::Store;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What all slots of one install share: where files come from and go to, and what became of them.
#[derive(Debug)]
pub struct LinkSite {
    pub(super) store: Arc<Store>,
    pub(super) modules: Arc<ModulesDir>,
    pub(super) importer: Importer,
    pub(super) disk: SlowDisk,
    pub(super) turns: Turns,
    pub(super) stop: Stop,
    pub(super) progress: Arc<Progress>,
    /// Slots that were published: counted where it happens, so that it can be compared with what was to happen.
    linked: AtomicU64,
    /// Optional slots whose packages cannot be had.
    failed: Mutex<Vec<Failed>>,
}

/// An optional slot whose package cannot be had.
#[derive(Clone, Debug)]
pub struct Failed {
    /// The slot.
    pub slot: Arc<Slot>,
    /// Why it cannot.
    pub why: Arc<DownloadError>,
}

impl LinkSite {
    pub(super) fn new(
        store: &Arc<Store>,
        modules: &Arc<ModulesDir>,
        importer: Importer,
        options: &Options,
        progress: &Arc<Progress>,
    ) -> Self {
        LinkSite {
            store: Arc::clone(store),
            modules: Arc::clone(modules),
            importer,
            disk: options.disk,
            turns: Turns::new(options.linking.takes_turns()),
            stop: options.stop.clone(),
            progress: Arc::clone(progress),
            linked: AtomicU64::new(0),
            failed: Mutex::default(),
        }
    }

    /// A slot is whole.
    pub(super) fn linked(&self) {
        self.linked.fetch_add(1, Ordering::Relaxed);
        self.progress.linked();
    }

    /// A slot that nobody needs will not be.
    pub(super) fn failed(&self, slot: &Arc<Slot>, why: Arc<DownloadError>) {
        let failed = Failed { slot: Arc::clone(slot), why };
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).push(failed);
    }

    pub(super) fn count_linked(&self) -> u64 {
        self.linked.load(Ordering::Relaxed)
    }

    pub(super) fn failures(&self) -> Vec<Failed> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A disk that takes its time for each slot, as a disk of plates or of another machine does. It holds the thread, as such a
/// disk would.
#[derive(Clone, Copy, Debug, Default)]
pub struct SlowDisk {
    /// For each slot; none is an ordinary disk.
    pub latency: Duration,
}

impl SlowDisk {
    /// Waits for it, or until the install is stopped.
    pub(super) fn seek(self, stop: &Stop) {
        if !self.latency.is_zero() {
            stop.sleep(self.latency);
        }
    }
}

/// Whether links wait for each other where they wait for the disk: the lock of `convoy`.
///
/// It is not held while files are linked. Those are linked in parallel, and a worker that waits for the other half may take up another link, which
/// would wait for the lock that its own thread has: a deadlock, which a reading shows as `stolen`.
#[derive(Debug)]
pub(super) struct Turns(Option<Mutex<()>>);

impl Turns {
    fn new(are_taken: bool) -> Self {
        Turns(are_taken.then(Mutex::default))
    }

    /// Waits for the turn, if there are turns.
    pub(super) fn wait(&self) -> Option<MutexGuard<'_, ()>> {
        self.0.as_ref().map(|turns| turns.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
