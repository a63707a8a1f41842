//! `Board`: the gauges of one batch of one scope instance.
//!
//! Boards are never freed, so that a guard can hold a `&'static Gauge`. Such a reference is eight bytes, follows its future to
//! any thread, may outlive its scope, and costs no reference count on entry and exit. A board goes to its next
//! scope only when the last scope has closed and nothing is in flight on it. So the number of boards is bounded by the
//! number of batches that were ever in use (or still had calls in flight) at once.

use crate::base::lock::lock;
use crate::base::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering, fence};
use crate::base::sync::{Mutex, OnceBox, OnceRef, global};
use crate::call::gauge::{Gauge, Watch};
use crate::call::key::Key;

pub(crate) struct Board {
    gauges: [Gauge; Board::FIRST],
    more: OnceBox<Chunk>,
    leased: AtomicBool,
    /// The bits of a [`Watch`], for gauges that are made later.
    watch: AtomicU32,
    /// The number of entries, on threads without a context, that use the board at this moment.
    pins: AtomicUsize,
    /// 0 for a board that counts. Otherwise the board is a *ground*: it stands for another board, which its scope names. The number is that of the
    /// last change.
    ground: AtomicU32,
    /// The next board of a name's process-wide scopes.
    next: OnceRef<'static, Board>,
}

/// Gauges for probes that found no place on the board or in an earlier chunk.
struct Chunk {
    gauges: Box<[Gauge]>,
    more: OnceBox<Chunk>,
}

// Boards that no scope has. Some may still have calls in flight.
global!(free: Mutex<Vec<&'static Board>> = Mutex::new(Vec::new()));

// The number of changes of all grounds.
global!(changes: AtomicU32 = AtomicU32::new(0));

impl Board {
    /// How many probes a board counts before it allocates.
    const FIRST: usize = 4;
    /// How many places of a chunk a probe tries before it goes on to the next chunk. A smaller number means fewer loads in a full chunk,
    /// and more chunks.
    const TRIES: usize = 4;

    pub(crate) fn leaked() -> &'static Board {
        Box::leak(Box::new(Board {
            gauges: Default::default(),
            more: OnceBox::new(),
            leased: AtomicBool::new(false),
            watch: AtomicU32::new(0),
            pins: AtomicUsize::new(0),
            ground: AtomicU32::new(0),
            next: OnceRef::new(),
        }))
    }

    /// A board for a scope: a free board at rest, else a new one.
    pub(crate) fn lease() -> &'static Board {
        let mut free = lock(free());
        if let Some(i) = free.iter().rposition(|board| board.lease_if_at_rest()) {
            return free.swap_remove(i);
        }
        drop(free);
        let board = Board::leaked();
        let fresh = board.lease_if_at_rest();
        debug_assert!(fresh, "a fresh board is free");
        board
    }

    /// Puts the board back among the free ones.
    pub(crate) fn put_back(&'static self) {
        self.release();
        lock(free()).push(self);
    }

    /// Ends the lease. `Release` pairs with the `Acquire` in [`Board::lease_if_at_rest`].
    pub(crate) fn release(&self) {
        self.leased.store(false, Ordering::Release);
    }

    /// Takes the board and resets it, if no scope has it and nothing is in flight on it. Callers hold the lock or the
    /// turn under which the board is handed out, so that no two of them race for it.
    pub(crate) fn lease_if_at_rest(&self) -> bool {
        if self.leased.load(Ordering::Acquire) || self.pins.load(Ordering::SeqCst) != 0 {
            return false;
        }
        if !self.all().all(Gauge::is_at_rest) {
            return false;
        }
        self.all().for_each(Gauge::reset);
        self.watch.store(0, Ordering::Relaxed);
        self.ground.store(0, Ordering::Relaxed);
        self.leased.store(true, Ordering::Relaxed);
        true
    }

    /// Sets what calls must do beside being counted. Called before any call is counted on the board.
    pub(crate) fn set_watch(&self, watch: Watch) {
        self.watch.store(watch.bits(), Ordering::Relaxed);
        self.all().for_each(|gauge| gauge.set_watch(watch.bits()));
    }

    /// The scope closes. Calls that are still counted here are not recorded any more. Called before the board and the recorder are given back.
    pub(crate) fn close(&self) {
        if self.watch.load(Ordering::Relaxed) != 0 {
            self.watch.store(0, Ordering::Relaxed);
            fence(Ordering::SeqCst);
            self.all().for_each(Gauge::close);
        }
    }

    /// Makes the board a ground, or tells that it stands for another board now. `Relaxed`, because a job that must be counted on that other board
    /// is given to its thread after this. Each change, of all boards, has its own number. So a thread that remembers what a ground stood for does not
    /// mistake it for the ground of the next scope, which may have the same board.
    pub(crate) fn ground_changed(&self) {
        let next = changes().fetch_add(1, Ordering::Relaxed).wrapping_add(1).max(1);
        self.ground.store(next, Ordering::Relaxed);
    }

    /// The number of the last change. 0 for a board that counts.
    #[inline]
    pub(crate) fn ground(&self) -> u32 {
        self.ground.load(Ordering::Relaxed)
    }

    pub(crate) fn next(&self) -> &OnceRef<'static, Board> {
        &self.next
    }

    pub(crate) fn pin(&self) -> Pin<'_> {
        self.pins.fetch_add(1, Ordering::SeqCst);
        Pin(self)
    }

    /// The gauge of a probe. The first entry of the probe on this board takes it. All threads try the same places in the
    /// same order, and no place is given back while the board is leased. So a probe has one gauge.
    #[inline]
    pub(crate) fn gauge(&'static self, key: Key) -> &'static Gauge {
        claim(&self.gauges, key).unwrap_or_else(|| self.gauge_beyond(key))
    }

    /// The gauge of a probe that is not among the first ones.
    fn gauge_beyond(&'static self, key: Key) -> &'static Gauge {
        let mut size = Board::FIRST * 2;
        let mut more = &self.more;
        loop {
            let chunk = more.get_or_init(|| {
                let gauges: Box<[Gauge]> = (0..size).map(|_| Gauge::default()).collect();
                let watch = self.watch.load(Ordering::Relaxed);
                gauges.iter().for_each(|gauge| gauge.set_watch(watch));
                Box::new(Chunk { gauges, more: OnceBox::new() })
            });
            if let Some(gauge) = claim(&chunk.gauges, key) {
                // The chunk may be made while the scope closes. Either `close` sees the chunk, or this thread sees that the board was closed. That
                // is so because on each side a `SeqCst` fence stands between the store and the following load.
                if !gauge.is_plain() {
                    fence(Ordering::SeqCst);
                    if self.watch.load(Ordering::Relaxed) == 0 {
                        gauge.close();
                    }
                }
                return gauge;
            }
            size *= 2;
            more = &chunk.more;
        }
    }

    /// Every gauge of the board, whether a probe has it or not.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Gauge> {
        let chunks = std::iter::successors(self.more.get(), |chunk| chunk.more.get());
        self.gauges.iter().chain(chunks.flat_map(|chunk| &chunk.gauges))
    }

    /// The gauge of a probe, if the probe was entered on this board.
    pub(crate) fn find(&self, key: Key) -> Option<&Gauge> {
        self.all().find(|gauge| gauge.key() == Some(key))
    }
}

#[inline]
fn claim(gauges: &[Gauge], key: Key) -> Option<&Gauge> {
    // Keys are places in a list, so that neighbours are spread evenly. Lengths are powers of two.
    let start = key.place() as usize;
    (0..Board::TRIES).map(|i| &gauges[(start + i) & (gauges.len() - 1)]).find(|gauge| gauge.claim(key))
}

/// Prevents that a board is leased again while an entry without a context uses it.
pub(crate) struct Pin<'a>(&'a Board);

impl Drop for Pin<'_> {
    fn drop(&mut self) {
        self.0.pins.fetch_sub(1, Ordering::SeqCst);
    }
}
