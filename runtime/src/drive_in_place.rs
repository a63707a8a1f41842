//! `Pass::drive_in_place`: what a stream has ready is run in chunks, in place.

use crate::blocking::blocking;
use crate::lane::Lane;
use crate::pass::{FirstError, Pass, in_pool};
use crate::run::Leaf;
use futures_core::Stream;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

impl Pass<'_> {
    /// Runs `f` for each item of a stream, in chunks of what is ready, and blocks the task for the time of each chunk,
    /// between two of which its siblings are polled: for items or an `f` that borrow. [`drive`](Pass::drive) keeps the stream running meanwhile, and is the faster one
    /// wherever the items can be owned.
    ///
    /// A chunk is run as soon as the stream has nothing more ready, or [`queue`](Pass::queue) items are. It runs under
    /// tokio's `block_in_place` where the other methods of a pass would (see [`Pass`]), else in place.
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
    /// The first error in time, of the stream or of `f`. What arrived before an error of the stream is still run. No
    /// further item starts after an error of `f`.
    ///
    /// # Panics
    ///
    /// If `f` panics, with its payload, after the items that run have ended.
    pub async fn drive_in_place<S, T, E, F>(self, stream: S, f: F) -> Result<(), E>
    where
        S: Stream<Item = Result<T, E>>,
        T: Sync,
        E: Send,
        F: for<'lane, 'item> Fn(Lane<'lane>, &'item T) -> Result<(), E> + Send + Sync,
    {
        let parts = self.parts();
        let scope = parts.scope;
        // What a hold must know: while the stream is open and no chunk is run, more may come.
        let mut open = Some(scope.source());
        let mut right = Some(self);
        let mut begun = None;
        let mut stream = pin!(stream);
        let end = loop {
            let mut chunk = Vec::new();
            let end = poll_fn(|cx| {
                while chunk.len() < parts.queue {
                    match stream.as_mut().poll_next(cx) {
                        Poll::Ready(Some(Ok(item))) => chunk.push(item),
                        Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(error))),
                        Poll::Ready(None) => return Poll::Ready(Some(Ok(()))),
                        Poll::Pending if chunk.is_empty() => return Poll::Pending,
                        Poll::Pending => break,
                    }
                }
                Poll::Ready(None)
            })
            .await;
            if let Some(right) = right.take() {
                scope.on_blocking_pass(&parts.place);
                begun = Some(right.begin());
            }
            if let (Some(run), false) = (&begun, chunk.is_empty()) {
                let first = FirstError::new();
                let on_its_way = scope.root();
                drop(open.take());
                open = blocking(parts.here, || {
                    in_pool(parts.pool, on_its_way, || {
                        let _: Option<()> = chunk.par_iter().try_for_each_init(
                            || Leaf::begin(run),
                            |leaf, item| leaf.item(|lane| f(lane, item), |result| first.keep(result)),
                        );
                        // Here, while a hold sees that this worker is busy.
                        Some(scope.source())
                    })
                });
                if let Err(error) = first.into_result(|| ()) {
                    break Err(error);
                }
            }
            if let Some(end) = end {
                break end;
            }
            // The stream may have more ready: siblings are polled between two chunks all the same.
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
        drop((begun, open));
        scope.on_pass_end(&parts.place);
        end
    }
}
