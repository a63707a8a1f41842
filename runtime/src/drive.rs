//! `Pass::drive`: items go to the pool as a stream brings them.

use crate::hold::Token;
use crate::lane::Lane;
use crate::lock;
use crate::offload::run_queued_job;
use crate::pass::Pass;
use crate::run::{Leaf, Run};
use futures_core::Stream;
use std::any::Any;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};

impl Pass<'_> {
    /// Runs `f` for each item of a stream, on the pool, as soon as it arrives. The task is never blocked: between polls
    /// of the stream its siblings are polled, while the pool works on what has arrived.
    ///
    /// At most [`queue`](Pass::queue) items wait for a worker; the stream is polled for the next one when there is
    /// room. Items and `f` are owned, because a future can be dropped at any time while workers still run: dropping
    /// this one stops items that have not begun and waits for nothing.
    ///
    /// On a rayon worker that drives the future itself (`block_on` in a pool), the worker runs queued items before it
    /// waits.
    ///
    /// ```
    /// use concurrency_probe::Scope;
    /// use futures::stream::{self, StreamExt};
    ///
    /// # futures::executor::block_on(async {
    /// let mut install = Scope::open("install");
    /// let downloads = stream::iter(0..10).then(|id| async move { Ok::<u32, String>(id) });
    /// install.pass("cold").drive(downloads, |_lane, id| if id < 10 { Ok(()) } else { Err("?".into()) }).await?;
    /// assert_eq!(install.report().passes[0].completed, 10);
    /// # Ok::<(), String>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// The first error in time, of the stream or of `f`. No further item starts after it; those that run end first.
    ///
    /// # Panics
    ///
    /// If `f` panics, with its payload, after the items that run have ended.
    pub async fn drive<S, T, E, F>(self, stream: S, f: F) -> Result<(), E>
    where
        S: Stream<Item = Result<T, E>>,
        T: Send + 'static,
        E: Send + 'static,
        F: for<'lane> Fn(Lane<'lane>, T) -> Result<(), E> + Send + Sync + 'static,
    {
        let parts = self.parts();
        let mut open = Some(parts.scope.source());
        let feed = Feed::new(self.begin(), f, parts.queue);
        let feed = StopOnDrop(feed);
        let mut stream = pin!(stream);
        poll_fn(|cx| {
            loop {
                if open.is_some() && feed.0.takes_more(cx.waker()) {
                    match stream.as_mut().poll_next(cx) {
                        Poll::Ready(Some(Ok(item))) => {
                            let work = feed.0.queue(item, parts.scope.root());
                            match parts.pool {
                                Some(pool) => pool.spawn(work),
                                None => rayon::spawn(work),
                            }
                            continue;
                        }
                        Poll::Ready(Some(Err(error))) => feed.0.fail(Failure::Error(error)),
                        Poll::Ready(None) => {}
                        Poll::Pending => {
                            if run_queued_job() {
                                continue;
                            }
                            return Poll::Pending;
                        }
                    }
                    open = None;
                } else if open.is_some() && feed.0.has_failed() {
                    open = None;
                }
                if open.is_none() && feed.0.is_done(cx.waker()) {
                    return Poll::Ready(());
                }
                if !run_queued_job() {
                    return Poll::Pending;
                }
            }
        })
        .await;
        let place = parts.place;
        let failure = lock(&feed.0.line).failure.take();
        feed.0.run.finish();
        parts.scope.on_pass_end(&place);
        match failure {
            None => Ok(()),
            Some(Failure::Error(error)) => Err(error),
            Some(Failure::Panic(payload)) => resume_unwind(payload),
        }
    }
}

/// What the driving future and the jobs share.
struct Feed<E, F> {
    run: Run,
    f: F,
    /// The most items in the queue.
    room: usize,
    line: Mutex<Line<E>>,
}

struct Line<E> {
    queued: usize,
    running: usize,
    failure: Option<Failure<E>>,
    /// The task, while it waits for room, for the end or for a failure.
    waker: Option<Waker>,
}

enum Failure<E> {
    Error(E),
    Panic(Box<dyn Any + Send>),
}

impl<E, F> Feed<E, F> {
    fn new(run: Run, f: F, room: usize) -> Arc<Self> {
        Arc::new(Feed {
            run,
            f,
            room,
            line: Mutex::new(Line { queued: 0, running: 0, failure: None, waker: None }),
        })
    }

    /// Whether the stream is to be polled. Either way the task is woken when something fails, or room is made.
    fn takes_more(&self, waker: &Waker) -> bool {
        let mut line = lock(&self.line);
        line.wait(waker);
        line.failure.is_none() && line.queued < self.room
    }

    fn has_failed(&self) -> bool {
        lock(&self.line).failure.is_some()
    }

    /// Whether nothing is queued and nothing runs; else the task is woken when that may have changed.
    fn is_done(&self, waker: &Waker) -> bool {
        let mut line = lock(&self.line);
        line.wait(waker);
        line.queued == 0 && line.running == 0
    }

    /// Keeps the first failure in time and stops the pass.
    fn fail(&self, failure: Failure<E>) {
        self.run.stop();
        let later = {
            let mut line = lock(&self.line);
            if line.failure.is_none() { line.failure.replace(failure) } else { Some(failure) }
        };
        drop(later);
    }

    fn change(&self, change: impl FnOnce(&mut Line<E>)) {
        let waker = {
            let mut line = lock(&self.line);
            change(&mut line);
            line.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Queues an item; the returned job runs it.
    fn queue<T>(self: &Arc<Self>, item: T, on_its_way: Option<Token>) -> impl FnOnce() + use<T, E, F>
    where
        F: for<'lane> Fn(Lane<'lane>, T) -> Result<(), E>,
    {
        lock(&self.line).queued += 1;
        let feed = Arc::clone(self);
        move || {
            feed.change(|line| {
                line.queued -= 1;
                line.running += 1;
            });
            let outcome = catch_unwind(AssertUnwindSafe(|| {
                let leaf = Leaf::begin(&feed.run);
                drop(on_its_way);
                leaf.item(
                    |lane| (feed.f)(lane, item),
                    |result| result.map_err(|error| feed.fail(Failure::Error(error))).ok(),
                );
            }));
            if let Err(payload) = outcome {
                feed.fail(Failure::Panic(payload));
            }
            feed.change(|line| line.running -= 1);
        }
    }
}

impl<E> Line<E> {
    fn wait(&mut self, waker: &Waker) {
        match &mut self.waker {
            Some(waiting) => waiting.clone_from(waker),
            None => self.waker = Some(waker.clone()),
        }
    }
}

/// Stops the pass when the driving future is dropped.
struct StopOnDrop<E, F>(Arc<Feed<E, F>>);

impl<E, F> Drop for StopOnDrop<E, F> {
    fn drop(&mut self) {
        self.0.run.stop();
    }
}
