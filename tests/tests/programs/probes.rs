//! The probes that programs call: of two scope names, and one more of the first than a scope has places for at once.

use crate::stage::serve;
use concurrency_probe::concurrency_probe;
use std::future::poll_fn;
use std::ops::Range;
use std::pin::Pin;
use std::task::Poll;

pub(crate) const NAMES: [&str; 2] = ["programs a", "programs b"];
/// Of batches; calls that are in none have the label `""`.
pub(crate) const LABELS: [&str; 2] = ["warm", "cold"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Sync,
    Async,
    Polls,
}

/// Each with its scope name's place.
pub(crate) const PROBES: [(usize, &str, Kind); 8] = [
    (0, "one", Kind::Sync),
    (0, "two", Kind::Sync),
    (1, "other", Kind::Sync),
    (0, "block", Kind::Sync),
    (1, "block", Kind::Sync),
    (0, "wait", Kind::Async),
    (0, "watch", Kind::Polls),
    (1, "look", Kind::Polls),
];
pub(crate) const CALLS: Range<usize> = 0..3;
pub(crate) const BLOCKS: Range<usize> = 3..5;
pub(crate) const FUTURES: Range<usize> = 5..8;

/// Calls one of [`CALLS`], inside of which the thread takes its next steps.
pub(crate) fn call(probe: usize) {
    #[concurrency_probe(scope = "programs a")]
    fn one() {
        serve();
    }
    #[concurrency_probe(scope = "programs a")]
    fn two() {
        serve();
    }
    #[concurrency_probe(scope = "programs b")]
    fn other() {
        serve();
    }
    [one, two, other][probe]();
}

/// A guard of one of [`BLOCKS`].
pub(crate) fn block(probe: usize) -> concurrency_probe::__private::Entry {
    if probe == BLOCKS.start {
        concurrency_probe::enter!("block", scope = "programs a")
    } else {
        concurrency_probe::enter!("block", scope = "programs b")
    }
}

pub(crate) type Future = Pin<Box<dyn std::future::Future<Output = ()> + Send>>;

/// One of [`FUTURES`]; the thread takes its next steps inside of each poll.
pub(crate) fn future(probe: usize) -> Future {
    #[concurrency_probe(scope = "programs a")]
    async fn wait() {
        steps().await;
    }
    #[concurrency_probe(scope = "programs a", polls)]
    async fn watch() {
        steps().await;
    }
    #[concurrency_probe(scope = "programs b", polls)]
    async fn look() {
        steps().await;
    }
    async fn steps() {
        poll_fn(|_| if serve() { Poll::Ready(()) } else { Poll::Pending }).await;
    }
    match probe - FUTURES.start {
        0 => Box::pin(wait()),
        1 => Box::pin(watch()),
        _ => Box::pin(look()),
    }
}
