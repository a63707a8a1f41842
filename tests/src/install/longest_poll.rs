//! `longest_poll`: for how long a future keeps its task.

use std::future::poll_fn;
use std::pin::pin;
use std::time::{Duration, Instant};

/// Runs a future, and measures its longest poll: for so long nothing else in its task could go on.
pub(super) async fn longest_poll<F: Future>(future: F) -> (F::Output, Duration) {
    let mut future = pin!(future);
    let mut longest = Duration::ZERO;
    let output = poll_fn(|cx| {
        let began = Instant::now();
        let polled = future.as_mut().poll(cx);
        longest = longest.max(began.elapsed());
        polled
    });
    (output.await, longest)
}
