//! `Pass::drive`: sends each item of a stream to the pool when it arrives.

use crate::base::lock::lock;
use crate::verdict::hold::{holder::Hold, tokens::Token};
use crate::work::in_scope_stream::InScopeStream;
use crate::work::job;
use crate::work::lane::Lane;
use crate::work::pass::Pass;
use crate::work::pass_run::{Leaf, PassRun};
use futures_core::Stream;
use std::any::Any;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};

impl Pass<'_> {
    /// Runs `f` on the pool for each item of a stream, as soon as the item arrives.
    ///
    /// The task is never blocked: its other futures are polled while the pool works. The scope is also current in the polls of the stream, and
    /// calls of the stream are counted in the pass.
    ///
    /// At most [`queue`](Pass::queue) items wait for a worker. The stream is polled for the next item when there is
    /// room. Items and `f` must be owned, because the future can be dropped at any time while workers still run. Dropping it
    /// drops the items that have not begun, and does not wait for the others.
    ///
    /// If the future is polled on a rayon worker, an executor may block this worker while it waits (`block_on`). Then a new thread outside of the
    /// pool runs the items that no other worker has begun. So a pool of one thread does not wait for itself.
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
    /// The first error in time, of the stream or of `f`. No further item starts after it. Items that already run end first.
    ///
    /// # Panics
    ///
    /// If `f` panics, with its payload, after the items that already run have ended. In a [strict](crate::ScopeBuilder::strict) scope also with a
    /// finding.
    pub async fn drive<S, T, E, F>(self, stream: S, f: F) -> Result<(), E>
    where
        S: Stream<Item = Result<T, E>>,
        T: Send + 'static,
        E: Send + 'static,
        F: for<'lane> Fn(Lane<'lane>, T) -> Result<(), E> + Send + Sync + 'static,
    {
        let parts = self.parts();
        let scope = parts.scope;
        let hold = scope.hold();
        let (run, open) = self.begin_open();
        let mut open = Some(open);
        let mut stream = InScopeStream::new(stream, run.context(), run.span());
        let driven = Driven(Arc::new(Feed {
            run,
            f,
            room: parts.queue,
            line: Mutex::new(Line {
                queue: VecDeque::new(),
                running: 0,
                has_thread_beside: false,
                failure: None,
                waker: None,
            }),
        }));
        let feed = &driven.0;
        let mut is_first = true;
        poll_fn(|cx| {
            loop {
                // Stores the waker before it looks, so that no change between the look and the wait is missed.
                let (takes_more, is_done) = feed.look(cx.waker());
                if open.is_some() && takes_more {
                    match stream.poll_next(cx) {
                        Poll::Ready(Some(Ok(item))) => {
                            feed.queue(item, hold.map(Hold::job_on_its_way));
                            // Weak: another job may run this item first. Then this job may stay queued for long, and must keep nothing alive.
                            let feed = Arc::downgrade(feed);
                            job::spawn(parts.pool, move || feed.upgrade().map(|feed| feed.run_next()));
                            continue;
                        }
                        Poll::Ready(Some(Err(error))) => feed.fail(Failure::Error(error)),
                        Poll::Ready(None) => {}
                        Poll::Pending => {
                            feed.run_beside(job::is_on_worker(), &mut is_first, cx.waker());
                            return Poll::Pending;
                        }
                    }
                    open = None;
                    continue;
                }
                if feed.run.is_stopped() {
                    open = None;
                }
                if open.is_none() && is_done {
                    return Poll::Ready(());
                }
                feed.run_beside(job::is_on_worker(), &mut is_first, cx.waker());
                return Poll::Pending;
            }
        })
        .await;
        drop(stream);
        let failure = lock(&feed.line).failure.take();
        feed.run.finish();
        drop(driven);
        scope.books().on_pass_end(&parts.batch.place);
        match failure {
            None => Ok(()),
            Some(Failure::Error(error)) => Err(error),
            Some(Failure::Panic(payload)) => resume_unwind(payload),
        }
    }
}

/// The state that the driving future and the jobs share.
struct Feed<T, E, F> {
    run: PassRun,
    f: F,
    /// The most items in the queue.
    room: usize,
    line: Mutex<Line<T, E>>,
}

struct Line<T, E> {
    /// Items that have arrived and not begun. There is a job for each of them, and each job runs the first item of the queue.
    queue: VecDeque<(T, Option<Token>)>,
    running: usize,
    /// Whether a thread outside of the pool runs items.
    has_thread_beside: bool,
    failure: Option<Failure<E>>,
    /// Wakes the task of the driving future.
    waker: Option<Waker>,
}

enum Failure<E> {
    Error(E),
    Panic(Box<dyn Any + Send>),
}

impl<T, E, F> Feed<T, E, F> {
    /// Returns whether the stream should be polled, and whether no item is queued or runs. The task is woken when either
    /// may have changed.
    fn look(&self, waker: &Waker) -> (bool, bool) {
        // Cloned and dropped without the lock, because both run foreign code.
        let known = lock(&self.line).waker.take();
        let waker = match known {
            Some(known) if known.will_wake(waker) => known,
            _ => waker.clone(),
        };
        let mut line = lock(&self.line);
        line.waker = Some(waker);
        let takes_more = !self.run.is_stopped() && line.queue.len() < self.room;
        (takes_more, line.queue.is_empty() && line.running == 0)
    }

    fn queue(&self, item: T, on_its_way: Option<Token>) {
        lock(&self.line).queue.push_back((item, on_its_way));
    }

    /// Changes the line and wakes the task.
    fn change<R>(&self, change: impl FnOnce(&mut Line<T, E>) -> R) -> R {
        let (result, waker) = {
            let mut line = lock(&self.line);
            (change(&mut line), line.waker.take())
        };
        if let Some(waker) = waker {
            waker.wake();
        }
        result
    }

    /// Keeps the first failure in time, stops the pass and drops the items that have not begun.
    fn fail(&self, failure: Failure<E>) {
        self.run.stop();
        let (later, queue) = self.change(|line| {
            let later = if line.failure.is_none() { line.failure.replace(failure) } else { Some(failure) };
            (later, std::mem::take(&mut line.queue))
        });
        job::discard((later, queue));
    }

    /// If this thread is a worker, starts a thread outside of the pool that runs the queued items, because the executor may be about to block this
    /// worker. Not in the first poll: the siblings of this future must be polled before.
    fn run_beside(self: &Arc<Self>, is_worker: bool, is_first: &mut bool, waker: &Waker)
    where
        T: Send + 'static,
        E: Send + 'static,
        F: for<'lane> Fn(Lane<'lane>, T) -> Result<(), E> + Send + Sync + 'static,
    {
        if !is_worker || lock(&self.line).queue.is_empty() {
            return;
        }
        if std::mem::replace(is_first, false) {
            waker.wake_by_ref();
            return;
        }
        if std::mem::replace(&mut lock(&self.line).has_thread_beside, true) {
            return;
        }
        let feed = Arc::clone(self);
        let work = move || {
            loop {
                while feed.run_next_on(true) {}
                let mut line = lock(&feed.line);
                if line.queue.is_empty() {
                    line.has_thread_beside = false;
                    break;
                }
            }
        };
        if !job::spawn_beside(work) {
            lock(&self.line).has_thread_beside = false;
        }
    }

    /// Runs the first item of the queue on this thread, which is a worker. Returns false if the queue is empty.
    fn run_next(&self) -> bool
    where
        F: for<'lane> Fn(Lane<'lane>, T) -> Result<(), E>,
    {
        self.run_next_on(false)
    }

    /// Runs the first item of the queue on this thread. Returns false if the queue is empty. If the thread `is_beside` the pool, the item keeps its
    /// token until it has ended, because the hold does not know of that thread.
    fn run_next_on(&self, is_beside: bool) -> bool
    where
        F: for<'lane> Fn(Lane<'lane>, T) -> Result<(), E>,
    {
        let next = self.change(|line| {
            let next = line.queue.pop_front();
            line.running += usize::from(next.is_some());
            next
        });
        let Some((item, on_its_way)) = next else { return false };
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            let leaf = Leaf::of_one(&self.run);
            let on_its_way = on_its_way.filter(|_| is_beside);
            leaf.item(
                |lane| (self.f)(lane, item),
                |result| result.map_err(|error| self.fail(Failure::Error(error))).ok(),
            );
            drop(on_its_way);
        }));
        if let Err(payload) = outcome {
            self.fail(Failure::Panic(payload));
        }
        self.change(|line| line.running -= 1);
        true
    }
}

/// Stops the pass when the driving future is dropped.
struct Driven<T, E, F>(Arc<Feed<T, E, F>>);

impl<T, E, F> Drop for Driven<T, E, F> {
    fn drop(&mut self) {
        let feed = &self.0;
        feed.run.stop();
        // Recorded now, although some items may still run, so that a scope that closes next has it in its report.
        feed.run.finish();
        let queue = std::mem::take(&mut lock(&feed.line).queue);
        drop(queue);
    }
}
