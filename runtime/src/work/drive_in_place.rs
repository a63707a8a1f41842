//! `Pass::drive_in_place`: runs the ready items of a stream in chunks, in place.

use crate::verdict::hold::holder::Hold;
use crate::work::blocking::blocking;
use crate::work::in_scope_stream::InScopeStream;
use crate::work::lane::Lane;
use crate::work::pass::{FirstError, Pass, in_pool};
use crate::work::pass_run::{Leaf, PassRun};
use futures_core::Stream;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use std::future::poll_fn;
use std::task::Poll;

impl Pass<'_> {
    /// Runs `f` for each item of a stream, in chunks of ready items. The items and `f` may borrow.
    ///
    /// Each chunk blocks the task until it ends. Between two chunks the other futures of the task are polled. [`drive`](Pass::drive) does not block
    /// the task. It is faster, if the items can be owned. The scope is also current in the polls of the stream, and calls of the stream are
    /// counted in the pass.
    ///
    /// A chunk begins when [`chunk`](Pass::chunk) items are ready and the stream has no more ready, or when
    /// [`queue`](Pass::queue) items are ready. It runs under tokio's `block_in_place` where the other methods of a pass would (see
    /// [`Pass`]), else in place.
    ///
    /// ```
    /// use concurrency_probe::Scope;
    /// use futures::stream;
    ///
    /// # futures::executor::block_on(async {
    /// let mut install = Scope::open("install");
    /// let prefix = String::from("node_modules/");
    /// let names = stream::iter(["a", "b"].map(Ok::<&str, String>));
    /// install.pass("cold").drive_in_place(names, |_lane, name| {
    ///     assert!(format!("{prefix}{name}").len() == 14);
    ///     Ok(())
    /// }).await?;
    /// # Ok::<(), String>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// The first error in time, of the stream or of `f`. Items that arrived before an error of the stream still run. No
    /// further item starts after an error of `f`.
    ///
    /// # Panics
    ///
    /// As [`Pass::for_each`].
    pub async fn drive_in_place<S, T, E, F>(self, stream: S, f: F) -> Result<(), E>
    where
        S: Stream<Item = Result<T, E>>,
        T: Sync,
        E: Send,
        F: for<'lane, 'item> Fn(Lane<'lane>, &'item T) -> Result<(), E> + Send + Sync,
    {
        let parts = self.parts();
        let scope = parts.scope;
        let hold = scope.hold();
        // It blocks the task, if the stream has an item.
        scope.books().on_blocking_pass(&parts.batch.place);
        // Tells the hold: while the stream is open and no chunk runs, more calls may come.
        let (run, mut open) = self.begin_open();
        let mut stream = InScopeStream::new(stream, run.context(), run.span());
        // Stops the pass if this future is dropped before its end, or if the stream fails.
        let mut stops = StopOnDrop(Some(&run));
        let end = loop {
            let mut chunk = Vec::new();
            let end = poll_fn(|cx| {
                while chunk.len() < parts.queue {
                    match stream.poll_next(cx) {
                        Poll::Ready(Some(Ok(item))) => chunk.push(item),
                        Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(error))),
                        Poll::Ready(None) => return Poll::Ready(Some(Ok(()))),
                        Poll::Pending if chunk.len() < parts.chunk => return Poll::Pending,
                        Poll::Pending => break,
                    }
                }
                Poll::Ready(None)
            })
            .await;
            if !chunk.is_empty() {
                let was_all_that_was_ready = chunk.len() < parts.queue;
                let first = FirstError::new();
                let on_its_way = hold.map(Hold::job_on_its_way);
                drop(open.take());
                open = blocking(parts.here, || {
                    in_pool(parts.pool, on_its_way, || {
                        let _: Option<()> = chunk.par_iter().try_for_each_init(
                            || Leaf::begin(&run),
                            |leaf, item| leaf.item(|lane| f(lane, item), |result| first.keep(result)),
                        );
                        // On the worker, while the hold still sees that it is busy.
                        run.keep_open()
                    })
                });
                if let Some(hold) = hold.filter(|_| end.is_none() && was_all_that_was_ready) {
                    hold.more_was_to_come(run.visit());
                }
                if let Err(error) = first.into_result(|| ()) {
                    break Err(error);
                }
            }
            if let Some(end) = end {
                break end;
            }
            // Siblings are polled between two chunks, also if the stream has more items ready.
            let mut yielded = false;
            poll_fn(|cx| {
                if std::mem::replace(&mut yielded, true) {
                    return Poll::Ready(());
                }
                cx.waker().wake_by_ref();
                Poll::Pending
            })
            .await;
        };
        if end.is_ok() {
            stops.0 = None;
        }
        drop((stops, stream, open));
        drop(run);
        scope.books().on_pass_end(&parts.batch.place);
        end
    }
}

/// Stops a pass that does not run all of its items, so that their number says nothing.
struct StopOnDrop<'run>(Option<&'run PassRun>);

impl Drop for StopOnDrop<'_> {
    fn drop(&mut self) {
        if let Some(run) = self.0 {
            run.stop();
        }
    }
}
