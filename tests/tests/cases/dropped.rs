//! What the locals of an attached future do when it is dropped is the scope's, however it comes to be dropped.

use crate::judge::runtimes;
use concurrency_probe::{Scope, concurrency_probe};
use futures::executor::block_on;
use futures::future::{join_all, pending};
use futures::stream::{self, StreamExt};
use futures::task::noop_waker;
use std::task::Context;
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::task::yield_now;

#[concurrency_probe(scope = "dropped futures")]
fn clean_up() {}

/// Cleans up when it is dropped.
struct Guard;

impl Drop for Guard {
    fn drop(&mut self) {
        clean_up();
    }
}

async fn never_ends() {
    let _guard = Guard;
    pending::<()>().await;
}

/// Says that it has begun, and never ends.
async fn begins(begun: oneshot::Sender<()>) {
    let _guard = Guard;
    begun.send(()).unwrap();
    pending::<()>().await;
}

type Program = (&'static str, fn(&Runtime, &Scope));

/// Each drops one future that cleans up.
const PROGRAMS: [Program; 14] = [
    ("it ends", |runtime, scope| {
        runtime.block_on(scope.attach(async { drop(Guard) }));
    }),
    ("never polled", |_, scope| {
        let guard = Guard;
        drop(scope.attach(async move { drop(guard) }));
    }),
    ("never polled, in a batch", |_, scope| {
        let guard = Guard;
        drop(scope.batch("cold").attach(async move { drop(guard) }));
    }),
    ("polled once", |_, scope| {
        let mut future = Box::pin(scope.attach(never_ends()));
        assert!(future.as_mut().poll(&mut Context::from_waker(&noop_waker())).is_pending());
    }),
    ("dropped on another thread", |_, scope| {
        let mut future = Box::pin(scope.attach(never_ends()));
        assert!(future.as_mut().poll(&mut Context::from_waker(&noop_waker())).is_pending());
        std::thread::spawn(move || drop(future)).join().unwrap();
    }),
    ("a timeout", |runtime, scope| {
        runtime.block_on(async {
            let timeout = tokio::time::timeout(Duration::from_millis(1), scope.attach(never_ends()));
            assert!(timeout.await.is_err());
        });
    }),
    ("select!", |runtime, scope| {
        runtime.block_on(async {
            tokio::select! {
                biased;
                () = scope.attach(never_ends()) => unreachable!("it does not end"),
                () = yield_now() => {}
            }
        });
    }),
    ("an aborted task", |runtime, scope| {
        runtime.block_on(async {
            let (begun, has_begun) = oneshot::channel();
            let task = tokio::spawn(scope.attach(begins(begun)));
            has_begun.await.unwrap();
            task.abort();
            assert!(task.await.unwrap_err().is_cancelled());
        });
    }),
    ("a task that is aborted at once", |runtime, scope| {
        runtime.block_on(async {
            let guard = Guard;
            let task = tokio::spawn(scope.attach(async move {
                let _guard = guard;
                pending::<()>().await;
            }));
            task.abort();
            assert!(task.await.unwrap_err().is_cancelled());
        });
    }),
    ("a JoinSet that is shut down", |runtime, scope| {
        runtime.block_on(async {
            let (begun, has_begun) = oneshot::channel();
            let mut tasks = tokio::task::JoinSet::new();
            tasks.spawn(scope.attach(begins(begun)));
            has_begun.await.unwrap();
            tasks.shutdown().await;
        });
    }),
    ("a runtime that is shut down", |_, scope| {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
        let (begun, has_begun) = oneshot::channel();
        runtime.spawn(scope.attach(begins(begun)));
        runtime.block_on(has_begun).unwrap();
        drop(runtime);
    }),
    ("a sibling of a join_all", |runtime, scope| {
        let all = join_all((0..3).map(|n| async move {
            if n == 1 {
                never_ends().await;
            }
        }));
        runtime.block_on(async {
            let timeout = tokio::time::timeout(Duration::from_millis(1), scope.attach(all));
            assert!(timeout.await.is_err());
        });
    }),
    ("a panic", |runtime, scope| {
        let panics = scope.attach(async {
            let _guard = Guard;
            yield_now().await;
            std::panic::resume_unwind(Box::new("the future"));
        });
        runtime.block_on(async { assert!(tokio::spawn(panics).await.unwrap_err().is_panic()) });
    }),
    ("an outer scope's future", |runtime, scope| {
        let outer = Scope::open("around dropped futures");
        runtime.block_on(async {
            let attached = outer.attach(scope.attach(never_ends()));
            assert!(tokio::time::timeout(Duration::from_millis(1), attached).await.is_err());
        });
    }),
];

#[test]
fn what_a_dropped_future_does_is_its_scopes() {
    for (flavour, runtime) in runtimes() {
        for (name, program) in PROGRAMS {
            let scope = Scope::open("dropped futures");
            program(&runtime, &scope);
            let reading = scope.reading("clean_up");
            let read = (reading.calls(), reading.in_flight(), reading.unattributed());
            assert_eq!(read, (1, 0, 0), "{name}, {flavour}");
        }
    }
}

/// So is what the stream of a pass does when it is dropped.
#[test]
fn what_a_dropped_stream_does_is_its_passes() {
    fn stream(guard: Guard) -> impl stream::Stream<Item = Result<u32, ()>> {
        stream::iter(0..3).map(move |slot| {
            let _ = &guard;
            Ok(slot)
        })
    }
    for in_place in [false, true] {
        let mut scope = Scope::builder("dropped futures").threads(1).open();
        let (pass, guard) = (scope.pass("cold"), Guard);
        if in_place {
            block_on(pass.drive_in_place(stream(guard), |_lane, _slot| Ok(()))).unwrap();
        } else {
            block_on(pass.drive(stream(guard), |_lane, _slot| Ok(()))).unwrap();
        }
        let reading = scope.reading("clean_up");
        let read = (reading.calls(), reading.in_batch("cold").calls(), reading.unattributed());
        assert_eq!(read, (1, 1, 0), "in place: {in_place}");
    }
}
