//! Holds of an async function: its futures wait, pending, until so many of them are in flight.

#![allow(clippy::unused_async, reason = "the probed functions have nothing to wait for")]

use crate::judge::{LIMIT, OUTSIDE, Right, judge, proven, red, runtimes, undecided};
use concurrency_probe::{Scope, ScopeHandle, concurrency_probe};
use futures::FutureExt;
use futures::executor::block_on;
use futures::future::{LocalBoxFuture, join_all};
use futures::stream::{self, FuturesUnordered, StreamExt};
use futures::task::{ArcWake, waker};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Context;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::task::{JoinSet, yield_now};

#[concurrency_probe(scope = "futures held")]
async fn fetch(id: u32) -> u32 {
    yield_now().await;
    id
}

async fn one_after_another(ids: std::ops::Range<u32>) {
    for id in ids {
        fetch(id).await;
    }
}

/// A program, for how many futures `fetch` is held in it, and how often it calls it.
struct Program {
    name: &'static str,
    held: usize,
    calls: u64,
    spawns: bool,
    run: fn(ScopeHandle) -> LocalBoxFuture<'static, ()>,
    right: Right,
}

const PROGRAMS: [Program; 19] = [
    Program {
        name: "a for loop",
        held: 2,
        calls: 20,
        spawns: false,
        run: |_| one_after_another(0..20).boxed_local(),
        right: proven(&[OUTSIDE, "20 calls"]),
    },
    Program {
        name: "a for loop, held for many",
        held: 8,
        calls: 20,
        spawns: false,
        run: |_| one_after_another(0..20).boxed_local(),
        right: proven(&[OUTSIDE, "20 calls"]),
    },
    Program {
        name: "a for loop in a batch",
        held: 2,
        calls: 20,
        spawns: false,
        run: |handle| handle.batch("cold").attach(one_after_another(0..20)).boxed_local(),
        right: red(&["batch `cold`", "20 calls"]),
    },
    Program {
        name: "buffered(1)",
        held: 2,
        calls: 20,
        spawns: false,
        run: |_| stream::iter(0..20).map(fetch).buffered(1).for_each(async |_| ()).boxed_local(),
        right: undecided(&[OUTSIDE, "20 calls"]),
    },
    Program {
        name: "buffer_unordered(1)",
        held: 2,
        calls: 20,
        spawns: false,
        run: |_| stream::iter(0..20).map(fetch).buffer_unordered(1).for_each(async |_| ()).boxed_local(),
        right: undecided(&[OUTSIDE, "20 calls"]),
    },
    Program {
        name: "a semaphore of one",
        held: 2,
        calls: 20,
        spawns: false,
        run: |_| {
            async {
                let one = Semaphore::new(1);
                let one = &one;
                let fetch = |id| async move {
                    let _permit = one.acquire().await.unwrap();
                    fetch(id).await
                };
                join_all((0..20).map(fetch)).await;
            }
            .boxed_local()
        },
        right: undecided(&[OUTSIDE, "20 calls"]),
    },
    Program {
        name: "a lock held over the await",
        held: 2,
        calls: 20,
        spawns: false,
        run: |_| {
            async {
                let lock = futures::lock::Mutex::new(());
                let lock = &lock;
                let fetch = |id| async move {
                    let _guard = lock.lock().await;
                    fetch(id).await
                };
                join_all((0..20).map(fetch)).await;
            }
            .boxed_local()
        },
        right: undecided(&[OUTSIDE, "20 calls"]),
    },
    Program {
        name: "tasks awaited in a loop",
        held: 2,
        calls: 20,
        spawns: true,
        run: |handle| {
            async move {
                for id in 0..20 {
                    tokio::spawn(handle.attach(fetch(id))).await.unwrap();
                }
            }
            .boxed_local()
        },
        right: red(&[OUTSIDE, "20 calls"]),
    },
    Program {
        // In flight falls to one while the peak stays high.
        name: "some at once, then more one after another",
        held: 2,
        calls: 58,
        spawns: false,
        run: |_| {
            async {
                join_all((0..8).map(fetch)).await;
                one_after_another(8..58).await;
            }
            .boxed_local()
        },
        right: red(&[OUTSIDE, "58 calls"]),
    },
    Program {
        name: "many one after another, then some at once",
        held: 2,
        calls: 58,
        spawns: false,
        run: |_| {
            async {
                one_after_another(8..58).await;
                join_all((0..8).map(fetch)).await;
            }
            .boxed_local()
        },
        right: red(&[OUTSIDE, "58 calls"]),
    },
    Program {
        name: "fewer than it is held for",
        held: 4,
        calls: 3,
        spawns: false,
        run: |_| join_all((0..3).map(fetch)).map(drop).boxed_local(),
        right: red(&["3 calls"]),
    },
    Program {
        name: "join_all",
        held: 4,
        calls: 20,
        spawns: false,
        run: |_| join_all((0..20).map(fetch)).map(drop).boxed_local(),
        right: Right::Green,
    },
    Program {
        name: "join_all of two",
        held: 2,
        calls: 2,
        spawns: false,
        run: |_| join_all((0..2).map(fetch)).map(drop).boxed_local(),
        right: Right::Green,
    },
    Program {
        name: "join_all in a batch",
        held: 4,
        calls: 20,
        spawns: false,
        run: |handle| handle.batch("cold").attach(join_all((0..20).map(fetch))).map(drop).boxed_local(),
        right: Right::Green,
    },
    Program {
        name: "buffer_unordered(8)",
        held: 4,
        calls: 50,
        spawns: false,
        run: |_| stream::iter(0..50).map(fetch).buffer_unordered(8).for_each(async |_| ()).boxed_local(),
        right: Right::Green,
    },
    Program {
        name: "FuturesUnordered",
        held: 4,
        calls: 20,
        spawns: false,
        run: |_| (0..20).map(fetch).collect::<FuturesUnordered<_>>().for_each(async |_| ()).boxed_local(),
        right: Right::Green,
    },
    Program {
        name: "two loops beside one another",
        held: 2,
        calls: 40,
        spawns: false,
        run: |_| {
            async {
                futures::join!(one_after_another(0..20), one_after_another(20..40));
            }
            .boxed_local()
        },
        right: Right::Green,
    },
    Program {
        name: "chunks of 5, each joined",
        held: 5,
        calls: 20,
        spawns: false,
        run: |_| {
            async {
                for chunk in 0..4 {
                    join_all((0..5).map(|id| fetch(5 * chunk + id))).await;
                }
            }
            .boxed_local()
        },
        right: Right::Green,
    },
    Program {
        name: "a JoinSet",
        held: 4,
        calls: 20,
        spawns: true,
        run: |handle| {
            async move {
                let mut tasks = JoinSet::new();
                (0..20).for_each(|id| _ = tasks.spawn(handle.attach(fetch(id))));
                tasks.join_all().await;
            }
            .boxed_local()
        },
        right: Right::Green,
    },
];

fn judge_on(executor: &str, program: &Program, block_on: impl Fn(LocalBoxFuture<'_, ()>)) {
    for _ in 0..program.right.rounds().min(20) {
        let builder = Scope::builder("futures held").hold("fetch", program.held);
        let scope = builder.hold_limit(LIMIT).open();
        block_on(scope.attach((program.run)(scope.handle())).boxed_local());
        let reading = scope.reading("fetch");
        let name = format!("{}, {executor}", program.name);
        let read = (reading.calls(), reading.in_flight(), reading.unattributed());
        assert_eq!(read, (program.calls, 0, 0), "{name}");
        judge(&name, reading.check_in_flight(program.held), program.right);
    }
}

#[test]
fn futures_that_cannot_overlap_are_red_and_those_that_do_are_green() {
    for program in PROGRAMS.iter().filter(|program| !program.spawns) {
        judge_on("no runtime", program, |future| block_on(future));
    }
}

#[test]
fn the_same_on_a_runtime() {
    for (flavour, runtime) in runtimes() {
        for program in &PROGRAMS {
            judge_on(flavour, program, |future| runtime.block_on(future));
        }
    }
}

/// What is held waits without a thread: the tasks of one thread meet, and whatever else the thread has to do goes on.
#[test]
fn a_held_future_blocks_no_thread() {
    #[concurrency_probe(scope = "no thread")]
    async fn fetch() {}
    for (flavour, runtime) in runtimes() {
        let scope = Scope::builder("no thread").hold("fetch", 3).open();
        runtime.block_on(async {
            let mut held: Vec<_> = (0..2).map(|_| tokio::spawn(scope.attach(fetch()))).collect();
            while scope.reading("fetch").calls() < 2 {
                yield_now().await;
            }
            assert!(held.iter().all(|task| !task.is_finished()), "{flavour}");
            held.push(tokio::spawn(scope.attach(fetch())));
            join_all(held).await.into_iter().for_each(Result::unwrap);
        });
        judge(flavour, scope.reading("fetch").check_in_flight(3), Right::Green);
    }
}

/// With `polls`, it is threads that are held, as before.
#[test]
fn with_polls_it_is_threads_that_meet() {
    #[concurrency_probe(scope = "polls held", polls)]
    async fn fetch() {
        yield_now().await;
    }
    let scope = Scope::builder("polls held").hold("fetch", 2).hold_limit(LIMIT).open();
    block_on(scope.attach(join_all((0..20).map(|_| fetch()))));
    judge("one thread", scope.reading("fetch").check_concurrent(2), red(&[OUTSIDE, "20 calls"]));
    scope.reading("fetch").assert_in_flight(2);
}

/// Counts how often it is woken.
#[derive(Default)]
struct Woken(AtomicUsize);

impl ArcWake for Woken {
    fn wake_by_ref(woken: &Arc<Self>) {
        woken.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// Whoever is let go is told, and of who is given up nothing is kept.
#[test]
fn a_held_future_is_woken_when_it_is_met_and_forgotten_when_it_is_dropped() {
    #[concurrency_probe(scope = "woken")]
    async fn fetch() {}
    for is_met in [true, false] {
        let scope = Scope::builder("woken").hold("fetch", 2).open();
        let mut held = Box::pin(scope.attach(fetch()));
        let woken = Arc::new(Woken::default());
        assert!(held.as_mut().poll(&mut Context::from_waker(&waker(Arc::clone(&woken)))).is_pending());
        assert_eq!(woken.0.load(Ordering::SeqCst), 0);
        if is_met {
            block_on(scope.attach(fetch()));
            assert_eq!(woken.0.load(Ordering::SeqCst), 1);
            block_on(held);
        } else {
            drop(held);
            assert_eq!(Arc::strong_count(&woken), 1);
        }
    }
}

/// A sibling of which the scope does not know yet may attach a future at any time: no number of polls says that it will not.
#[test]
fn a_sibling_that_is_attached_later_is_waited_for() {
    #[concurrency_probe(scope = "attached later")]
    async fn fetch() {}
    for polls in [1, 4, 20_000] {
        for (flavour, runtime) in runtimes() {
            let scope = Scope::builder("attached later").hold("fetch", 2).open();
            let later = async {
                for _ in 0..polls {
                    yield_now().await;
                }
                scope.attach(fetch()).await;
            };
            runtime.block_on(async { futures::join!(scope.attach(fetch()), later) });
            let name = format!("after {polls} polls, {flavour}");
            judge(&name, scope.reading("fetch").check_in_flight(2), Right::Green);
        }
    }
}

/// What the limit ended is proven afterwards if all that came later came by the futures that were stuck.
#[test]
fn a_future_that_is_attached_after_the_wait_takes_the_proof_away() {
    #[concurrency_probe(scope = "taken away")]
    async fn fetch() {}
    async fn two() {
        fetch().await;
        fetch().await;
    }
    type Run = fn(&Scope);
    let programs: [(&str, Run, Right); 5] = [
        ("both by one future", |scope| block_on(scope.attach(two())), proven(&[OUTSIDE, "2 calls"])),
        (
            "a future that it attaches has its waker",
            |scope| {
                block_on(scope.attach(async {
                    fetch().await;
                    scope.attach(fetch()).await;
                }));
            },
            undecided(&[OUTSIDE, "2 calls"]),
        ),
        (
            "one after another is attached",
            |scope| {
                block_on(scope.attach(fetch()));
                block_on(scope.attach(fetch()));
            },
            undecided(&[OUTSIDE, "2 calls"]),
        ),
        (
            "a later one comes by a call, and is given up",
            |scope| {
                block_on(scope.attach(fetch()));
                scope.in_scope(|| assert!(fetch().now_or_never().is_none()));
            },
            undecided(&[OUTSIDE, "2 calls"]),
        ),
        (
            "one was attached before, and is polled later",
            |scope| {
                let before = scope.attach(fetch());
                block_on(scope.attach(fetch()));
                block_on(before);
            },
            undecided(&[OUTSIDE, "2 calls"]),
        ),
    ];
    for (name, run, right) in programs {
        let scope = Scope::builder("taken away").hold("fetch", 2).hold_limit(LIMIT).open();
        run(&scope);
        judge(name, scope.reading("fetch").check_in_flight(2), right);
    }
}

/// Another one of its parts waits for a channel: what has the channel is nobody's who has the scope.
#[test]
fn a_future_that_has_the_scope_to_itself_may_wait_for_something_else() {
    #[concurrency_probe(scope = "something else")]
    async fn fetch() {}
    for (flavour, runtime) in runtimes() {
        let mut scope = Scope::builder("something else").hold("fetch", 2).hold_limit(Duration::MAX).open();
        let (send, receive) = futures::channel::oneshot::channel();
        let late = async {
            receive.await.unwrap();
            fetch().await;
        };
        let fetches = async { _ = futures::join!(fetch(), late) };
        let sender = async {
            for _ in 0..100 {
                yield_now().await;
            }
            send.send(()).unwrap();
        };
        runtime.block_on(async { _ = futures::join!(scope.attach_exclusive(fetches), sender) });
        judge(flavour, scope.reading("fetch").check_in_flight(2), Right::Green);
    }
}

/// A serial stretch beside calls that met is proven by the same facts.
#[test]
fn what_is_proven_of_a_stretch_is_taken_away_too() {
    #[concurrency_probe(scope = "stretch")]
    async fn fetch() {}
    async fn join_and_loop() {
        join_all((0..8).map(|_| fetch())).await;
        for _ in 0..50 {
            fetch().await;
        }
    }
    for (calls, right) in [
        (58, proven(&["calls of `fetch` followed one another"])),
        (59, undecided(&["calls of `fetch` followed one another"])),
    ] {
        let scope = Scope::builder("stretch").hold("fetch", 2).hold_limit(LIMIT).open();
        block_on(scope.attach(join_and_loop()));
        if calls == 59 {
            block_on(scope.attach(fetch()));
        }
        judge(&format!("{calls} calls"), scope.reading("fetch").check_in_flight(2), right);
    }
}

/// Without a limit that a test could wait for: where the future has the scope to itself, it is known at once.
#[test]
fn a_future_that_has_the_scope_to_itself_is_judged_by_facts() {
    #[concurrency_probe(scope = "exclusive")]
    async fn fetch() {
        yield_now().await;
    }
    async fn in_turn(calls: usize) {
        for _ in 0..calls {
            fetch().await;
        }
    }
    type Run = fn() -> LocalBoxFuture<'static, ()>;
    let programs: [(&str, Run, Right); 5] = [
        ("a loop", || in_turn(40).boxed_local(), proven(&[OUTSIDE, "40 calls"])),
        (
            "a loop after a join",
            || async { join_all((0..10).map(|_| fetch())).then(|_| in_turn(30)).await }.boxed_local(),
            proven(&[OUTSIDE, "40 calls"]),
        ),
        ("two loops", || async { _ = futures::join!(in_turn(20), in_turn(20)) }.boxed_local(), Right::Green),
        ("join_all", || join_all((0..40).map(|_| fetch())).map(drop).boxed_local(), Right::Green),
        (
            "a sibling that comes late",
            || {
                let late = async {
                    for _ in 0..1000 {
                        yield_now().await;
                    }
                    in_turn(20).await;
                };
                async { _ = futures::join!(in_turn(20), late) }.boxed_local()
            },
            Right::Green,
        ),
    ];
    for (name, run, right) in programs {
        for (flavour, runtime) in runtimes() {
            let mut scope = Scope::builder("exclusive").hold("fetch", 2).hold_limit(Duration::MAX).open();
            runtime.block_on(scope.attach_exclusive(run()));
            judge(&format!("{name}, {flavour}"), scope.reading("fetch").check_in_flight(2), right);
        }
    }
}
