//! The scope goes along: to threads, tasks and pools by a handle, and to what a pass polls. Where it does not, the message says what
//! would take it there.

use crate::judge::{assert_says, foreign_pool, runtimes};
use concurrency_probe::{Scope, ScopeHandle, concurrency_probe, offload};
use futures::executor::block_on;
use futures::stream::{self, StreamExt};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use std::cell::Cell;
use std::rc::Rc;
use tokio::runtime::Runtime;
use tokio::task::{JoinSet, LocalSet, spawn_blocking, yield_now};

#[concurrency_probe(scope = "along")]
fn link(_slot: u32) {}

#[concurrency_probe(scope = "along")]
async fn fetch(id: u32) -> u32 {
    yield_now().await;
    id
}

/// Ten calls of `link` or of `fetch`.
type Program = (&'static str, &'static str, fn(&Runtime, &Scope));

const CARRIED: [Program; 18] = [
    ("a thread, run", "link", |_, scope| {
        let handle = scope.handle();
        std::thread::spawn(move || handle.run(|| (0..10).for_each(link))).join().unwrap();
    }),
    ("threads, in_scope", "link", |_, scope| {
        std::thread::scope(|threads| {
            for slot in 0..10 {
                threads.spawn(move || scope.in_scope(|| link(slot)));
            }
        });
    }),
    ("what is not Send, in_scope", "link", |_, scope| {
        let slot = Rc::new(Cell::new(0));
        scope.in_scope(|| {
            while slot.get() < 10 {
                link(slot.replace(slot.get() + 1));
            }
        });
    }),
    ("a task", "fetch", |runtime, scope| {
        runtime.block_on(async {
            for id in 0..10 {
                assert_eq!(tokio::spawn(scope.attach(fetch(id))).await.unwrap(), id);
            }
        });
    }),
    ("a task that is begun in what is attached", "fetch", |runtime, scope| {
        let handle = scope.handle();
        runtime.block_on(scope.attach(async move {
            for id in 0..10 {
                tokio::spawn(handle.attach(fetch(id))).await.unwrap();
            }
        }));
    }),
    ("a JoinSet", "fetch", |runtime, scope| {
        runtime.block_on(async {
            let mut tasks = JoinSet::new();
            (0..10).for_each(|id| _ = tasks.spawn(scope.attach(fetch(id))));
            tasks.join_all().await;
        });
    }),
    ("a task that is not Send", "fetch", |runtime, scope| {
        let not_send = Rc::new(10);
        let ten = scope.attach(async move {
            for id in 0..*not_send {
                fetch(id).await;
            }
        });
        let local = LocalSet::new();
        runtime.block_on(local.run_until(async { tokio::task::spawn_local(ten).await.unwrap() }));
    }),
    ("a blocking thread", "link", |runtime, scope| {
        runtime.block_on(async {
            let handle = scope.handle();
            spawn_blocking(move || handle.run(|| (0..10).for_each(link))).await.unwrap();
        });
    }),
    ("block_on inside run", "fetch", |_, scope| {
        scope.run(|| {
            block_on(async {
                for id in 0..10 {
                    fetch(id).await;
                }
            });
        });
    }),
    ("another pool", "link", |_, scope| {
        foreign_pool(2).install(|| (0..10).into_par_iter().for_each(|slot| scope.in_scope(|| link(slot))));
    }),
    ("a job of another pool", "link", |_, scope| {
        let (pool, handle) = (foreign_pool(2), scope.handle());
        let (done, is_done) = std::sync::mpsc::channel();
        pool.spawn(move || {
            handle.run(|| (0..10).for_each(link));
            done.send(()).unwrap();
        });
        is_done.recv().unwrap();
    }),
    ("a batch on a thread", "link", |_, scope| {
        let cold = scope.batch("cold");
        std::thread::spawn(move || cold.run(|| (0..10).for_each(link))).join().unwrap();
    }),
    ("a batch in tasks", "fetch", |runtime, scope| {
        let cold = scope.batch("cold");
        runtime.block_on(async {
            for id in 0..10 {
                tokio::spawn(cold.clone().attach(fetch(id))).await.unwrap();
            }
        });
    }),
    ("current, to a thread", "link", |_, scope| {
        /// Has no scope in its signature.
        fn link_on_a_thread() {
            let install = ScopeHandle::current("along").expect("it is called in the scope");
            std::thread::spawn(move || install.run(|| (0..10).for_each(link))).join().unwrap();
        }
        scope.in_scope(link_on_a_thread);
    }),
    ("current, to a task", "fetch", |runtime, scope| {
        runtime.block_on(scope.attach(async {
            let install = ScopeHandle::current("along").expect("it is polled in the scope");
            for id in 0..10 {
                tokio::spawn(install.attach(fetch(id))).await.unwrap();
            }
        }));
    }),
    ("a handle of a handle's future", "fetch", |runtime, scope| {
        let handle = scope.handle();
        let ten = handle.attach(handle.attach(async {
            for id in 0..10 {
                fetch(id).await;
            }
        }));
        runtime.block_on(ten);
    }),
    ("an offload in a task", "link", |runtime, scope| {
        runtime.block_on(async {
            let ten = scope.attach(offload(|_lane| (0..10).for_each(link)));
            tokio::spawn(ten).await.unwrap();
        });
    }),
    ("an offload from in_scope on", "link", |_, scope| {
        block_on(scope.in_scope(|| scope.attach(async { offload(|_lane| (0..10).for_each(link)).await })));
    }),
];

#[test]
fn calls_are_the_scopes_wherever_a_handle_takes_it() {
    for (flavour, runtime) in runtimes() {
        for own_pool in [None, Some(2)] {
            for (name, probe, program) in CARRIED {
                let builder = Scope::builder("along");
                let scope = own_pool.map_or(builder.clone(), |threads| builder.threads(threads)).open();
                program(&runtime, &scope);
                let reading = scope.reading(probe);
                let read = (reading.calls(), reading.in_flight(), reading.unattributed());
                assert_eq!(read, (10, 0, 0), "{name}, {flavour}, pool {own_pool:?}");
            }
        }
    }
}

#[concurrency_probe(scope = "not along")]
fn link_alone(_slot: u32) {}

#[concurrency_probe(scope = "not along")]
async fn fetch_alone(id: u32) -> u32 {
    yield_now().await;
    id
}

/// The same without a handle, and what the message must offer.
type Lost = (&'static str, &'static str, fn(&Runtime, &Scope), &'static [&'static str]);

const LOST: [Lost; 6] = [
    (
        "a thread",
        "link_alone",
        |_, scope| scope.in_scope(|| std::thread::spawn(|| (0..10).for_each(link_alone)).join().unwrap()),
        &["handle", "run"],
    ),
    (
        "a blocking thread",
        "link_alone",
        |runtime, scope| {
            runtime.block_on(scope.attach(async {
                spawn_blocking(|| (0..10).for_each(link_alone)).await.unwrap();
            }));
        },
        &["handle", "run"],
    ),
    (
        "a task",
        "fetch_alone",
        |runtime, scope| {
            runtime.block_on(scope.attach(async {
                for id in 0..10 {
                    tokio::spawn(fetch_alone(id)).await.unwrap();
                }
            }));
        },
        &["handle", "attach"],
    ),
    (
        "a JoinSet",
        "fetch_alone",
        |runtime, scope| {
            runtime.block_on(scope.attach(async {
                let mut tasks = JoinSet::new();
                (0..10).for_each(|id| _ = tasks.spawn(fetch_alone(id)));
                tasks.join_all().await;
            }));
        },
        &["handle", "attach"],
    ),
    (
        "another pool",
        "link_alone",
        |_, scope| {
            scope.in_scope(|| foreign_pool(2).install(|| (0..10).into_par_iter().for_each(link_alone)));
        },
        &[".threads("],
    ),
    (
        "a job of another pool",
        "link_alone",
        |_, scope| {
            scope.in_scope(|| {
                let (done, is_done) = std::sync::mpsc::channel();
                let pool = foreign_pool(1);
                pool.spawn(move || {
                    (0..10).for_each(link_alone);
                    done.send(()).unwrap();
                });
                is_done.recv().unwrap();
            });
        },
        &[".threads("],
    ),
];

#[test]
fn where_the_scope_was_lost_the_message_says_what_would_take_it_along() {
    for (flavour, runtime) in runtimes() {
        for (name, probe, program, advice) in LOST {
            let scope = Scope::open("not along");
            program(&runtime, &scope);
            let reading = scope.reading(probe);
            assert_eq!((reading.calls(), reading.unattributed()), (0, 10), "{name}, {flavour}");
            let why = reading.check_at_most(99).unwrap_err().to_string();
            assert_says(name, &why, &["10 calls", "no scope `not along` is current"]);
            assert_says(name, &why, advice);
        }
    }
}

/// Nobody but the scope itself has what a driven pass polls: downloads, which feed it.
#[test]
fn what_a_passes_stream_calls_is_the_passes() {
    #[concurrency_probe(scope = "streams")]
    async fn download(id: u32) -> Result<u32, String> {
        yield_now().await;
        Ok(id)
    }
    #[concurrency_probe(scope = "streams")]
    fn parse(id: u32) -> u32 {
        id
    }
    #[concurrency_probe(scope = "streams")]
    fn link(_id: u32) {}
    let downloads =
        || stream::iter(0..100).map(|id| async move { download(id).await.map(parse) }).buffer_unordered(8);
    let check = |name: &str, scope: &Scope| {
        for probe in ["download", "parse", "link"] {
            let reading = scope.reading(probe);
            let in_cold = reading.in_batch("cold").calls();
            assert_eq!((reading.calls(), in_cold, reading.unattributed()), (100, 100, 0), "{probe}, {name}");
        }
    };
    for (flavour, runtime) in runtimes() {
        let mut scope = Scope::builder("streams").threads(2).open();
        let linked = scope.pass("cold").drive(downloads(), |_lane, id| {
            link(id);
            Ok(())
        });
        runtime.block_on(linked).unwrap();
        check(&format!("drive, {flavour}"), &scope);

        let mut scope = Scope::builder("streams").threads(2).open();
        let borrowed = String::from("borrowed");
        let linked = scope.pass("cold").drive_in_place(downloads(), |_lane, id| {
            let _ = &borrowed;
            link(*id);
            Ok(())
        });
        runtime.block_on(linked).unwrap();
        check(&format!("drive_in_place, {flavour}"), &scope);
    }
}

/// The future that runs the passes of a scope is in that scope.
#[test]
fn a_future_with_the_passes_of_its_scope_can_be_attached() {
    #[concurrency_probe(scope = "of its own")]
    async fn download(id: u32) -> u32 {
        yield_now().await;
        id
    }
    #[concurrency_probe(scope = "of its own")]
    fn link(_id: u32) {}
    async fn install(scope: &mut Scope) {
        let downloaded = futures::future::join_all((0..10).map(download)).await;
        scope.pass("cold").for_each(downloaded, |_lane, id| link(id));
    }
    for (flavour, runtime) in runtimes() {
        let mut scope = Scope::open("of its own");
        let handle = scope.handle();
        runtime.block_on(handle.attach(install(&mut scope)));
        for probe in ["download", "link"] {
            let reading = scope.reading(probe);
            assert_eq!((reading.calls(), reading.unattributed()), (10, 0), "{probe}, {flavour}");
        }
    }
}

#[test]
fn the_current_scope_is_the_innermost_of_its_name() {
    let seen = |name: &str| ScopeHandle::current(name).map(|scope| scope.count("seen", 1));
    let count = |scope: &Scope| scope.report().counts.get("seen").copied().unwrap_or_default();
    assert!(seen("current").is_none());
    let mut outer = Scope::builder("current").threads(2).open();
    let inner = Scope::open("current");
    assert!(seen("current").is_none(), "a scope is current nowhere by being open");
    outer.run(|| {
        seen("current").unwrap();
        inner.in_scope(|| seen("current").unwrap());
        assert!(seen("current's neighbour").is_none());
        seen("current").unwrap();
    });
    assert_eq!((count(&outer), count(&inner)), (2, 1));
    block_on(outer.attach(async {
        seen("current").unwrap();
        yield_now().await;
        seen("current").unwrap();
        offload(move |_lane| seen("current").unwrap()).await;
    }));
    assert_eq!(count(&outer), 5);
    outer.pass("lanes").for_each(0..10, |_lane, _n| seen("current").unwrap());
    assert_eq!(count(&outer), 15);
    let handle = outer.handle();
    handle.batch("cold").in_scope(|| seen("current").unwrap());
    assert_eq!(count(&outer), 16);
    assert!(seen("current").is_none());
}
