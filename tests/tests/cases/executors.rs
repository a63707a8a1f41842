//! A worker that waits for an offload or a driven pass may run the work itself; and work may itself use an executor.

use concurrency_probe::{Scope, offload};
use futures::executor::block_on;
use futures::stream;
use std::sync::{Arc, Mutex};
use tokio::task::yield_now;

fn uses_an_executor(n: u32) -> u32 {
    block_on(async {
        yield_now().await;
        n
    })
}

type Program = (&'static str, fn(&mut Scope) -> Vec<u32>);

const PROGRAMS: [Program; 6] = [
    ("lanes that wait for an offload", |scope| {
        scope.pass("waits").map(0..4, |_lane, n| block_on(offload(move |_lane| uses_an_executor(n))))
    }),
    ("lanes that wait for an offload which waits for one", |scope| {
        scope.pass("waits").map(0..4, |_lane, n| {
            block_on(offload(move |_lane| block_on(offload(move |_lane| uses_an_executor(n)))))
        })
    }),
    ("run that waits for offloads", |scope| {
        scope.run(|| {
            let offloads = (0..4).map(|n| offload(move |_lane| uses_an_executor(n)));
            block_on(futures::future::join_all(offloads))
        })
    }),
    ("run that waits for a driven pass", |scope| {
        scope.run(|| {
            let mut other = Scope::open("executors, inside");
            let done: Arc<Mutex<Vec<u32>>> = Arc::default();
            let noted = Arc::clone(&done);
            let items = stream::iter((0..4).map(Ok::<u32, ()>));
            let driven = other.pass("driven").drive(items, move |_lane, n| {
                noted.lock().unwrap().push(uses_an_executor(n));
                Ok(())
            });
            block_on(driven).unwrap();
            let mut driven = done.lock().unwrap().clone();
            driven.sort_unstable();
            driven
        })
    }),
    ("lanes that wait in tokio's executor", |scope| {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
        let handle = runtime.handle();
        scope.pass("waits").map(0..4, |_lane, n| {
            let inner = handle.clone();
            handle.block_on(offload(move |_lane| inner.block_on(async move { n })))
        })
    }),
    ("lanes that wait in tokio's executor, of one thread", |scope| {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let handle = runtime.handle();
        scope.pass("waits").map(0..4, |_lane, n| {
            let inner = handle.clone();
            handle.block_on(offload(move |_lane| inner.block_on(async move { n })))
        })
    }),
];

#[test]
fn work_that_uses_an_executor_runs_wherever_it_is_waited_for() {
    for (name, program) in PROGRAMS {
        for threads in [1, 2, 4] {
            for round in 0..20 {
                let mut scope = Scope::builder("executors").threads(threads).open();
                assert_eq!(program(&mut scope), [0, 1, 2, 3], "{name}, {threads} threads, round {round}");
            }
        }
    }
}
