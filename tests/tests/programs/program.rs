//! `Step`: what a random program consists of.

use crate::probes::{BLOCKS, CALLS, FUTURES, LABELS};
use rand::Rng;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

pub(crate) const THREADS: usize = 3;
pub(crate) const SLOTS: usize = 3;

/// A thread does something.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    pub(crate) thread: usize,
    pub(crate) action: Action,
}

/// What a thread can do. It is in some frame (a `run`, a call, a poll, or none), and which actions make sense there is the
/// model's to say; others are left out.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Action {
    Open {
        slot: usize,
        name: usize,
    },
    OpenWide {
        slot: usize,
        name: usize,
    },
    /// Closes a scope, whose readings are looked at further on, or forgotten: then its board may go to the next.
    Close {
        slot: usize,
        forgets: bool,
    },
    /// Begins a frame in which the scope is current.
    Run {
        slot: usize,
    },
    /// The same, by a handle.
    InScope {
        slot: usize,
    },
    /// The same, in a batch.
    RunBatch {
        slot: usize,
        label: usize,
    },
    /// Begins a frame inside a probed function.
    Call {
        probe: usize,
    },
    /// Makes a guard that lives until its frame ends or it is dropped.
    Block {
        probe: usize,
    },
    Unblock {
        nth: usize,
    },
    Make {
        future: usize,
        probe: usize,
    },
    MakeAttached {
        future: usize,
        probe: usize,
        slot: usize,
    },
    MakeInBatch {
        future: usize,
        probe: usize,
        slot: usize,
        label: usize,
    },
    /// Begins a frame inside a poll.
    Poll {
        future: usize,
    },
    Drop {
        future: usize,
    },
    /// Ends the frame: a poll is pending, or ready.
    Leave {
        ready: bool,
    },
    /// Unwinds so many frames.
    Panic {
        frames: usize,
    },
}

/// The program of a seed.
pub(crate) fn generate(seed: u64) -> Vec<Step> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let steps = random.random_range(10..200);
    (0..steps)
        .map(|_| Step { thread: random.random_range(0..THREADS), action: action(&mut random) })
        .collect()
}

fn action(random: &mut ChaCha8Rng) -> Action {
    let slot = random.random_range(0..SLOTS);
    let future = random.random_range(0..SLOTS);
    let name = random.random_range(0..2);
    let mut of = |probes: std::ops::Range<usize>| random.random_range(probes);
    let (call, block, probe, label) = (of(CALLS), of(BLOCKS), of(FUTURES), of(0..LABELS.len()));
    match random.random_range(0..37) {
        0 | 1 => Action::Open { slot, name },
        2 => Action::OpenWide { slot, name },
        3..6 => Action::Close { slot, forgets: random.random_bool(0.7) },
        6..9 => Action::Run { slot },
        9..12 => Action::Call { probe: call },
        12 | 13 => Action::Block { probe: block },
        14 => Action::Unblock { nth: random.random_range(0..2) },
        15 | 16 => Action::Make { future, probe },
        17 => Action::MakeAttached { future, probe, slot },
        18..23 => Action::Poll { future },
        23 => Action::Drop { future },
        24..30 => Action::Leave { ready: random.random_bool(0.2) },
        30 | 31 => Action::Panic { frames: random.random_range(1..4) },
        32 => Action::InScope { slot },
        33 | 34 => Action::RunBatch { slot, label },
        _ => Action::MakeInBatch { future, probe, slot, label },
    }
}
