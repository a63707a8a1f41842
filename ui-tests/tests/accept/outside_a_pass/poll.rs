//! The hand-written `poll` polls an `offload`.
use concurrency_probe::{Lane, must_run_parallel};
use std::pin::Pin;
use std::task::{Context, Poll};

#[must_run_parallel]
fn link_slot(_lane: Lane<'_>, slot: u32) -> u32 {
    slot
}

struct Link<F>(Pin<Box<F>>);

impl<F: Future<Output = u32>> Future for Link<F> {
    type Output = u32;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<u32> {
        self.0.as_mut().poll(cx)
    }
}

pub fn main() {
    let link = Link(Box::pin(concurrency_probe::offload(|lane| link_slot(lane, 7))));
    assert_eq!(futures::executor::block_on(link), 7);
}
