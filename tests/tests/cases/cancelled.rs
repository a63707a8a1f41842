//! Futures that are cancelled while they are held: nothing of them is left, and whoever comes later is not kept.

#![allow(clippy::unused_async, reason = "the probed functions have nothing to wait for")]

use crate::judge::{Right, judge, runtimes};
use concurrency_probe::{Scope, concurrency_probe};
use futures::future::{Either, join_all, pending, select};
use futures::task::noop_waker;
use std::pin::pin;
use std::task::Context;
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::task::yield_now;

#[concurrency_probe(scope = "cancelled")]
async fn fetch(ends: bool) {
    if !ends {
        pending::<()>().await;
    }
}

/// Waits until the future of another task has begun: it is held, or beyond.
async fn has_begun(scope: &Scope) {
    while scope.reading("fetch").calls() == 0 {
        yield_now().await;
    }
}

type Program = (&'static str, fn(&Runtime, &Scope));

/// Each begins one future and gives it up.
const PROGRAMS: [Program; 9] = [
    ("dropped", |_, scope| {
        let mut held = Box::pin(scope.attach(fetch(false)));
        assert!(held.as_mut().poll(&mut Context::from_waker(&noop_waker())).is_pending());
        assert_eq!(scope.reading("fetch").in_flight(), 1);
    }),
    ("dropped on another thread", |_, scope| {
        let mut held = Box::pin(scope.attach(fetch(false)));
        assert!(held.as_mut().poll(&mut Context::from_waker(&noop_waker())).is_pending());
        std::thread::spawn(move || drop(held)).join().unwrap();
    }),
    ("a timeout", |runtime, scope| {
        runtime.block_on(async {
            let held = tokio::time::timeout(Duration::from_millis(1), scope.attach(fetch(false)));
            assert!(held.await.is_err());
        });
    }),
    ("a timeout inside of what is attached", |runtime, scope| {
        runtime.block_on(scope.attach(async {
            assert!(tokio::time::timeout(Duration::from_millis(1), fetch(false)).await.is_err());
        }));
    }),
    ("tokio's select!", |runtime, scope| {
        runtime.block_on(scope.attach(async {
            tokio::select! {
                biased;
                () = fetch(false) => unreachable!("it does not end"),
                () = yield_now() => {}
            }
        }));
    }),
    ("select of futures", |runtime, scope| {
        runtime.block_on(scope.attach(async {
            let (held, other) = (pin!(fetch(false)), pin!(yield_now()));
            assert!(matches!(select(held, other).await, Either::Right(_)));
        }));
    }),
    ("an aborted task", |runtime, scope| {
        runtime.block_on(async {
            let held = tokio::spawn(scope.attach(fetch(false)));
            has_begun(scope).await;
            held.abort();
            assert!(held.await.unwrap_err().is_cancelled());
        });
    }),
    ("a JoinSet that is shut down", |runtime, scope| {
        runtime.block_on(async {
            let mut tasks = tokio::task::JoinSet::new();
            tasks.spawn(scope.attach(fetch(false)));
            has_begun(scope).await;
            tasks.shutdown().await;
        });
    }),
    ("a panic of its sibling", |runtime, scope| {
        runtime.block_on(async {
            let panics = async {
                yield_now().await;
                std::panic::resume_unwind(Box::new("the sibling"));
            };
            let both = tokio::spawn(scope.attach(async { futures::join!(fetch(false), panics) }));
            assert!(both.await.unwrap_err().is_panic());
        });
    }),
];

#[test]
fn nothing_of_a_cancelled_future_is_left_and_later_ones_end() {
    for (flavour, runtime) in runtimes() {
        for (name, program) in PROGRAMS {
            for _ in 0..5 {
                let name = format!("{name}, {flavour}");
                let scope = Scope::builder("cancelled").hold("fetch", 2).open();
                program(&runtime, &scope);
                let reading = scope.reading("fetch");
                assert_eq!((reading.calls(), reading.in_flight()), (1, 0), "{name}");
                // It is none of those that the next are held for.
                assert_eq!(reading.max_in_flight(), 1, "{name}");
                runtime.block_on(scope.attach(join_all((0..8).map(|_| fetch(true)))));
                let reading = scope.reading("fetch");
                assert_eq!((reading.calls(), reading.in_flight()), (9, 0), "{name}");
                judge(&name, reading.check_in_flight(2), Right::Green);
            }
        }
    }
}

/// One of those that wait is given up; the others are still held for as many as before.
#[test]
fn others_that_wait_go_on_waiting() {
    #[concurrency_probe(scope = "others wait")]
    async fn fetch() {}
    for (flavour, runtime) in runtimes() {
        for _ in 0..5 {
            let scope = Scope::builder("others wait").hold("fetch", 3).open();
            runtime.block_on(async {
                let begin = || tokio::spawn(scope.attach(fetch()));
                let mut held = vec![begin(), begin()];
                while scope.reading("fetch").calls() < 2 {
                    yield_now().await;
                }
                let given_up = held.remove(0);
                given_up.abort();
                assert!(given_up.await.unwrap_err().is_cancelled());
                assert_eq!(scope.reading("fetch").in_flight(), 1, "{flavour}");
                held.extend([begin(), begin()]);
                join_all(held).await.into_iter().for_each(Result::unwrap);
            });
            let reading = scope.reading("fetch");
            assert_eq!(
                (reading.calls(), reading.in_flight(), reading.max_in_flight()),
                (4, 0, 3),
                "{flavour}"
            );
        }
    }
}

/// Whoever waits in a scope that closes is let go.
#[test]
fn a_scope_that_closes_lets_its_futures_go() {
    #[concurrency_probe(scope = "closes")]
    async fn fetch() {}
    for (_, runtime) in runtimes() {
        let scope = Scope::builder("closes").hold("fetch", 2).open();
        let handle = scope.handle();
        runtime.block_on(async {
            let held = tokio::spawn(scope.attach(fetch()));
            while handle.reading("fetch").calls() == 0 {
                yield_now().await;
            }
            drop(scope);
            held.await.unwrap();
        });
        assert_eq!((handle.reading("fetch").calls(), handle.reading("fetch").in_flight()), (1, 0));
    }
}

/// Threads of a process-wide scope are let go as well, without waiting for the limit.
#[test]
fn a_scope_that_closes_lets_its_threads_go() {
    #[concurrency_probe(scope = "closes, threads")]
    fn link() {}
    let builder = Scope::builder("closes, threads").process_wide();
    let scope = builder.hold("link", 2).hold_limit(Duration::from_secs(24 * 60 * 60)).open();
    let handle = scope.handle();
    std::thread::scope(|threads| {
        threads.spawn(link);
        while handle.reading("link").calls() == 0 {
            std::thread::yield_now();
        }
        drop(scope);
    });
    assert_eq!((handle.reading("link").calls(), handle.reading("link").in_flight()), (1, 0));
}
